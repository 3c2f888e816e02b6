"""What a TFLite file says: tensors and the operators between them, read without trust.

The fields' names and order are those of TFLite's schema (tensorflow/lite/schema/schema.fbs, version
3). This module reads what models of `convert` have. It refuses the rest by name: further subgraphs,
custom operators, variables, sparse tensors, buffers outside the file.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from fer_edge.errors import ModelError
from fer_edge.models.beside_graph import check_beside
from fer_edge.models.flatbuffer import Table, damaged, layout, root

FILE_IDENTIFIER = b"TFL3"
SCHEMA_VERSION = 3
MODEL = layout(
    "Model",
    "version operator_codes subgraphs description buffers metadata_buffer metadata "
    "signature_defs external_buffer_groups external_buffers",
)
OPERATOR_CODE = layout("OperatorCode", "deprecated_builtin_code custom_code version builtin_code")
SUBGRAPH = layout("SubGraph", "tensors inputs outputs operators name debug_metadata_index")
TENSOR = layout(
    "Tensor",
    "shape type buffer name quantization is_variable sparsity shape_signature has_rank "
    "variant_tensors external_buffer",
)
QUANTIZATION = layout(
    "QuantizationParameters", "min max scale zero_point details_type details quantized_dimension"
)
OPERATOR = layout(
    "Operator",
    "opcode_index inputs outputs builtin_options_type builtin_options custom_options "
    "custom_options_format mutating_variable_inputs intermediates large_custom_options_offset "
    "large_custom_options_size builtin_options_2_type builtin_options_2 debug_metadata_index",
)
BUFFER = layout("Buffer", "data offset size")
TENSOR_TYPES: dict[int, np.dtype[Any]] = {2: np.dtype("<i4"), 3: np.dtype("u1"), 9: np.dtype("i1")}
"""The types of tensors that models of ours have, by their number in the schema."""
OTHER_TYPES = {0: "float32", 1: "float16", 4: "int64", 5: "string", 6: "bool", 7: "int16"}
LARGEST_RANK = 4
LARGEST_DIMENSION = 1 << 24
"""Of a tensor's shape; far more than any has, and products stay within 64 bits."""

NO_QUANTIZATION = np.empty(0, "<f4"), np.empty(0, "<i8"), 0
"""The quantization of a tensor that has none."""

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor."""

    index: int
    """Its place among the graph's tensors."""
    shape: Shape
    """As the file declares it; empty for a single number."""
    type: np.dtype[Any]
    """int8, uint8 or int32."""
    scales: npt.NDArray[Any]
    """Of its quantization, float32: one, or one for each channel; none if it has none."""
    zero_points: npt.NDArray[Any]
    """As many, int64."""
    axis: int
    """The dimension of the channels that have scales of their own."""
    data: npt.NDArray[Any] | None
    """A constant's bytes, uint8; None for what is computed."""

    @property
    def numbers(self) -> tuple[int, ...]:
        """A constant's values, for the small ones that say a shape or an axis."""
        assert self.data is not None
        return tuple(int(number) for number in self.data.view(self.type))


@dataclass(frozen=True, slots=True)
class Operator:
    """One step of the computation."""

    code: int
    """BuiltinOperator in the schema."""
    version: int
    """The operator's, in the schema's sense."""
    inputs: tuple[Tensor | None, ...]
    """None for an optional one that is left out."""
    output: Tensor
    """What it computes."""
    options_type: int
    """BuiltinOptions in the schema; 0 for none."""
    table: Table
    """Its table, whose options are read by whoever knows the operator."""


@dataclass(frozen=True, slots=True)
class Graph:
    """A model's computation."""

    input: Tensor
    """Pictures."""
    outputs: tuple[Tensor, ...]
    """Numbers."""
    operators: tuple[Operator, ...]
    """In the order in which they run."""


def read_graph(content: bytes) -> Graph:
    """The graph of a TFLite flatbuffer, each of whose offsets and sizes has been checked.

    Raises:
        ModelError: the structure is damaged, or holds what no model of `convert` has.
    """
    model = root(content, FILE_IDENTIFIER, MODEL)
    if (version := model.integer("version", "I")) != SCHEMA_VERSION:
        raise damaged(f"its schema has the version {version}")
    buffers = [_buffer(table) for table in model.children("buffers", BUFFER)]
    codes = [_code(table) for table in model.children("operator_codes", OPERATOR_CODE)]
    subgraphs = model.children("subgraphs", SUBGRAPH)
    if len(subgraphs) != 1:
        raise ModelError(f"expected a model of one graph, got {len(subgraphs)}")
    tables = subgraphs[0].children("tensors", TENSOR)
    tensors = [_tensor(index, table, buffers) for index, table in enumerate(tables)]
    graph = _graph(subgraphs[0], codes, tensors)
    filled = {number for number, data in enumerate(buffers) if data is not None}
    # Last: of a model of floats its type is the better news.
    check_beside(model, len(tensors), filled)
    return graph


def _graph(subgraph: Table, codes: list[tuple[int, int]], tensors: list[Tensor]) -> Graph:
    subgraph.text("name")
    inputs = _chosen(subgraph.integers("inputs"), tensors)
    outputs = _chosen(subgraph.integers("outputs"), tensors)
    if len(inputs) != 1 or not outputs:
        raise ModelError(f"expected one input and some outputs, got {len(inputs)}, {len(outputs)}")
    tables = subgraph.children("operators", OPERATOR)
    operators = tuple(_operator(table, codes, tensors) for table in tables)
    return Graph(inputs[0], outputs, operators)


def _buffer(table: Table) -> npt.NDArray[Any] | None:
    table.refuse("offset", "size")
    data = table.vector("data", "u1")
    return data if data is not None and len(data) else None


def _code(table: Table) -> tuple[int, int]:
    """The operator's number and version; numbers below 127 are in an older field as well."""
    table.refuse("custom_code")
    older = table.integer("deprecated_builtin_code", "b")
    newer = table.integer("builtin_code", "i")
    if older not in (newer, 127) and newer != 0:
        raise damaged(f"an operator has the codes {older} and {newer}")
    return max(older, newer), table.integer("version", "i", 1)


def _tensor(index: int, table: Table, buffers: list[npt.NDArray[Any] | None]) -> Tensor:
    table.text("name")
    table.integer("has_rank", "B")
    shape, number = table.integers("shape"), table.integer("type", "b")
    kind = TENSOR_TYPES.get(number)
    if kind is None:
        found = OTHER_TYPES.get(number, f"the type {number}")
        raise ModelError(
            f"expected int8 or uint8 in and out, got {found} in the tensor {index}; "
            "make the model with python -m convert, or quantize its input and output, too"
        )
    table.refuse("is_variable", "sparsity", "variant_tensors", "external_buffer")
    if len(shape) > LARGEST_RANK or not all(1 <= side <= LARGEST_DIMENSION for side in shape):
        raise damaged(f"the tensor {index} has the shape {shape}")
    # The shape with -1 where a side may change.
    free = table.integers("shape_signature")
    if free and (len(free) != len(shape) or any(map(_differs, free, shape))):
        raise damaged(f"the tensor {index} of the shape {shape} may have another")
    place = table.integer("buffer", "I")
    if place >= len(buffers):
        raise damaged(f"the tensor {index} is in the buffer {place} of {len(buffers)}")
    data = buffers[place]
    if data is not None and len(data) != math.prod(shape) * kind.itemsize:
        raise damaged(f"the tensor {index} of the shape {shape} has {len(data)} bytes")
    scales, zero_points, axis = _quantization(index, shape, table)
    return Tensor(index, shape, kind, scales, zero_points, axis, data)


def _differs(free: int, side: int) -> bool:
    return free not in (-1, side)


def _quantization(
    index: int, shape: Shape, tensor: Table
) -> tuple[npt.NDArray[Any], npt.NDArray[Any], int]:
    table = tensor.child("quantization", QUANTIZATION)
    if table is None:
        return NO_QUANTIZATION
    table.refuse("details_type", "details")
    # What the converter measured; interpreters do not read it.
    table.vector("min", "<f4")
    table.vector("max", "<f4")
    scales, zero_points = table.vector("scale", "<f4"), table.vector("zero_point", "<i8")
    axis = table.integer("quantized_dimension", "i")
    if scales is None or zero_points is None:
        if scales is zero_points:
            return NO_QUANTIZATION
        raise damaged(f"the tensor {index} has scales without zero points, or the other way round")
    if len(scales) != len(zero_points):
        raise damaged(f"the tensor {index}: {len(scales)} scales, {len(zero_points)} zero points")
    if len(scales) > 1 and not (0 <= axis < len(shape) and len(scales) == shape[axis]):
        raise damaged(f"the tensor {index} of {shape} has {len(scales)} scales along {axis}")
    if not (axis == 0 or 0 <= axis < len(shape)):
        raise damaged(f"the tensor {index} of the shape {shape} is quantized along {axis}")
    return scales, zero_points, axis


def _operator(table: Table, codes: list[tuple[int, int]], tensors: list[Tensor]) -> Operator:
    table.refuse(
        "custom_options",
        "custom_options_format",
        "mutating_variable_inputs",
        "intermediates",
        "large_custom_options_offset",
        "large_custom_options_size",
        "builtin_options_2_type",
        "builtin_options_2",
    )
    place = table.integer("opcode_index", "I")
    if place >= len(codes):
        raise damaged(f"an operator has the code {place} of {len(codes)}")
    inputs = tuple(
        None if index == -1 else _chosen((index,), tensors)[0] for index in table.integers("inputs")
    )
    outputs = _chosen(table.integers("outputs"), tensors)
    if len(outputs) != 1:
        raise damaged(f"an operator has {len(outputs)} outputs")
    options_type = table.integer("builtin_options_type", "B")
    return Operator(*codes[place], inputs, outputs[0], options_type, table)


def _chosen(indices: tuple[int, ...], tensors: list[Tensor]) -> tuple[Tensor, ...]:
    for index in indices:
        if not 0 <= index < len(tensors):
            raise damaged(f"a tensor {index} is named, there are {len(tensors)}")
    return tuple(tensors[index] for index in indices)
