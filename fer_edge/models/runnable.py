"""Whether an interpreter can run a model, checked before it sees it, and what a run takes.

TFLite's interpreters believe a model: a wrong shape, scale or index in one crashes the process,
and a large one takes all its memory. So this module goes through the whole computation first, with
shapes alone. Each operator must be one of ours, and its inputs must be computed before it. Its
output must have the shape that the file declares.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from fer_edge.errors import ModelError
from fer_edge.models.flatbuffer import damaged
from fer_edge.models.operators import FOREIGN_OPERATORS, OPERATOR_KINDS, Kind, read_options
from fer_edge.models.quantization import INT8, UINT8, check_tensors
from fer_edge.models.shapes import Step
from fer_edge.models.tflite_graph import Graph, Operator, Shape, read_graph

MOST_MEMORY_BYTES = 1 << 28
"""Bytes that the computed tensors may take at once; the detector at 1280x1280 takes a tenth."""
MOST_MULTIPLY_ADDS = 1 << 37
"""Multiply-adds of a run: some seconds on a fast core. VGG-16 at 224x224 has a ninth."""


@dataclass(frozen=True, slots=True)
class Need:
    """What one run takes."""

    memory: int
    """Bytes at once, of tensors that are computed and of what kernels need beside them."""
    work: int
    """Multiply-adds."""


@dataclass(frozen=True, slots=True)
class Runnable:
    """A model that has been found sound, for pictures as large as it was made for."""

    graph: Graph
    """Its computation."""
    steps: tuple[tuple[Operator, Kind, Mapping[str, int]], ...]
    """Its operators, what each is, and its options."""
    need: Need
    """For one picture of the size that it was made for."""

    def fitted(self, shape: Shape) -> Need:
        """What a run takes for an input of another shape.

        Args:
            shape: (pictures, height, width, channels).

        Raises:
            ModelError: an operator does not take what this shape brings it, or the run would take
                more than MOST_MEMORY_BYTES or MOST_MULTIPLY_ADDS.
        """
        if len(shape) != 4 or min(shape) < 1:
            raise ModelError(f"expected (pictures, height, width, channels), got {shape}")
        return _need(self.graph, self.steps, shape, declared=False)


def check_model(content: bytes) -> Runnable:
    """Go through a whole model; it takes some milliseconds.

    Args:
        content: a TFLite flatbuffer.

    Raises:
        ModelError: its structure is damaged, or it is not such a model as `convert` makes.
    """
    graph = read_graph(content)
    _check_input(graph)
    steps = tuple(_step(operator) for operator in graph.operators)
    _check_order(graph)
    constants = sum(
        len(tensor.data)
        for operator in graph.operators
        for tensor in operator.inputs
        if tensor is not None and tensor.data is not None
    )
    if constants > 2 * len(content):
        # Interpreters copy each operator's weights; buffers that many share would multiply.
        raise damaged(f"operators take {constants} bytes of constants out of {len(content)}")
    return Runnable(graph, steps, _need(graph, steps, graph.input.shape, declared=True))


def _check_input(graph: Graph) -> None:
    tensor = graph.input
    if tensor.data is not None or tensor.type not in (INT8, UINT8):
        raise damaged(f"its input is a constant, or of {tensor.type.name}")
    if len(tensor.shape) != 4 or tensor.shape[0] != 1:
        raise ModelError(
            f"expected a model that takes (1, height, width, channels), got {tensor.shape}"
        )


def _step(operator: Operator) -> tuple[Operator, Kind, Mapping[str, int]]:
    kind = OPERATOR_KINDS.get(operator.code)
    if kind is None:
        name, advice = FOREIGN_OPERATORS.get(operator.code, ("", ""))
        raise ModelError(
            f"the model has the operator {name or operator.code} of TFLite's schema, which "
            f"fer_edge does not run{advice}; it runs "
            f"{', '.join(sorted(one.name for one in OPERATOR_KINDS.values()))}"
        )
    check_tensors(operator, kind)
    return operator, kind, read_options(operator, kind)


def _check_order(graph: Graph) -> None:
    """Each computed tensor has one operator that computes it, before those that take it."""
    known = {graph.input.index}
    for operator in graph.operators:
        for tensor in operator.inputs:
            if tensor is not None and tensor.data is None and tensor.index not in known:
                raise damaged(f"the tensor {tensor.index} is taken before it is computed")
        if operator.output.index in known:
            raise damaged(f"the tensor {operator.output.index} is computed twice")
        known.add(operator.output.index)
    outputs = [output.index for output in graph.outputs]
    if not set(outputs) <= known - {graph.input.index} or len(set(outputs)) != len(outputs):
        raise damaged(f"its outputs {outputs} are not computed, or named twice")
    if not any(any(one is graph.input for one in operator.inputs) for operator in graph.operators):
        raise damaged("its input is not used")


def _need(
    graph: Graph,
    steps: tuple[tuple[Operator, Kind, Mapping[str, int]], ...],
    shape: Shape,
    declared: bool,
) -> Need:
    """Follow an input's shape through all operators; `declared`: they are those in the file."""
    shapes: dict[int, Shape] = {graph.input.index: shape}
    last = _last_uses(graph)
    held = {graph.input.index: math.prod(shape)}
    work = most = 0
    for place, (operator, kind, options) in enumerate(steps):
        taken = [
            tensor.shape if tensor.data is not None else shapes[tensor.index]
            for tensor in operator.inputs
            if tensor is not None
        ]
        step: Step = kind.rule(operator, options, taken)
        output = operator.output
        if declared and step.shape != output.shape:
            raise damaged(
                f"{kind.name} computes {step.shape}, its output {output.index} is {output.shape}"
            )
        shapes[output.index] = step.shape
        held[output.index] = math.prod(step.shape)
        most = max(most, sum(held.values()) + step.scratch)
        work += step.work
        if most > MOST_MEMORY_BYTES or work > MOST_MULTIPLY_ADDS:
            raise ModelError(
                f"the model takes more than {MOST_MEMORY_BYTES >> 20} MiB or "
                f"{MOST_MULTIPLY_ADDS:.0e} multiply-adds for an input of {shape}"
            )
        held = {index: size for index, size in held.items() if last.get(index, place) > place}
    return Need(most, work)


def _last_uses(graph: Graph) -> dict[int, int]:
    """By tensor, the place of the last operator that takes it; outputs stay to the end."""
    last = {
        tensor.index: place
        for place, operator in enumerate(graph.operators)
        for tensor in operator.inputs
        if tensor is not None
    }
    return {**last, **{output.index: len(graph.operators) for output in graph.outputs}}
