"""Changes of a shipped model that would crash an interpreter."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from fer_edge.models import shipped_models
from fer_edge.models.beside_graph import METADATA
from fer_edge.models.file import read_model
from fer_edge.models.flatbuffer import Table, root
from fer_edge.models.operators import OPERATOR_KINDS
from fer_edge.models.tflite_graph import (
    BUFFER,
    FILE_IDENTIFIER,
    MODEL,
    OPERATOR,
    OPERATOR_CODE,
    QUANTIZATION,
    SUBGRAPH,
    TENSOR,
    read_graph,
)

CONTENTS = {name: read_model(path).content for name, path in shipped_models().items()}
EDGE = CONTENTS["edge"]
NAN = float("nan")


class Places:
    """Where in a model its fields lie, for changing them."""

    def __init__(self, content: bytes) -> None:
        self.model = root(content, FILE_IDENTIFIER, MODEL)
        self.subgraph = self.model.children("subgraphs", SUBGRAPH)[0]
        self.tensors = self.subgraph.children("tensors", TENSOR)
        self.operators = self.subgraph.children("operators", OPERATOR)
        self.codes = self.model.children("operator_codes", OPERATOR_CODE)
        self.buffers = self.model.children("buffers", BUFFER)
        self.kinds = [
            OPERATOR_KINDS[operator.code].name for operator in read_graph(content).operators
        ]

    def first(self, kind: str) -> Table:
        """The first operator of a kind."""
        return self.operators[self.kinds.index(kind)]

    def options(self, kind: str) -> Table:
        layout = next(one.options for one in OPERATOR_KINDS.values() if one.name == kind)
        found = self.first(kind).child("builtin_options", layout)
        assert found is not None
        return found

    def quantization(self, index: int) -> Table:
        found = self.tensors[index].child("quantization", QUANTIZATION)
        assert found is not None
        return found


PLACES = Places(EDGE)
CONVOLUTION = PLACES.first("CONV_2D")
PICTURES, WEIGHTS, BIAS = CONVOLUTION.integers("inputs")
(MADE,) = CONVOLUTION.integers("outputs")


def field(table: Table, name: str, form: str, value: Any) -> bytes:
    place = table._find(name, struct.calcsize(form))
    assert place is not None, f"{name} is left to its default here"
    return patched(place, form, value)


def element(table: Table, name: str, index: int, form: str, value: Any) -> bytes:
    place = table._pointed(name)
    assert place is not None
    return patched(place + 4 + index * struct.calcsize(form), form, value)


def length(table: Table, name: str, value: int) -> bytes:
    place = table._pointed(name)
    assert place is not None
    return patched(place, "<I", value)


def patched(place: int, form: str, value: Any) -> bytes:
    data = bytearray(EDGE)
    struct.pack_into(form, data, place, value)
    return bytes(data)


PRODUCT = PLACES.first("MUL")
CONV = PLACES.options("CONV_2D")
HARMFUL: dict[str, Callable[[], bytes]] = {
    "no stride": lambda: field(CONV, "stride_w", "<i", 0),
    "a negative stride": lambda: field(CONV, "stride_h", "<i", -1),
    "another stride": lambda: field(CONV, "stride_h", "<i", 1),
    "a huge stride": lambda: field(CONV, "stride_w", "<i", 1 << 30),
    "another activation": lambda: field(CONV, "fused_activation_function", "<b", 4),
    "a tensor that is not there": lambda: element(CONVOLUTION, "inputs", 0, "<i", 1000),
    "a negative tensor": lambda: element(CONVOLUTION, "inputs", 1, "<i", -2),
    "a convolution without weights": lambda: element(CONVOLUTION, "inputs", 1, "<i", -1),
    "a convolution without bias": lambda: element(CONVOLUTION, "inputs", 2, "<i", -1),
    "weights as pictures": lambda: element(CONVOLUTION, "inputs", 0, "<i", WEIGHTS),
    "pictures as weights": lambda: element(CONVOLUTION, "inputs", 1, "<i", PICTURES),
    "a tensor before it is made": lambda: element(CONVOLUTION, "inputs", 0, "<i", MADE),
    "an output that is a constant": lambda: element(CONVOLUTION, "outputs", 0, "<i", WEIGHTS),
    "an output that is the input": lambda: element(CONVOLUTION, "outputs", 0, "<i", 0),
    "an output that is not there": lambda: element(CONVOLUTION, "outputs", 0, "<i", 1 << 30),
    "fewer inputs": lambda: length(CONVOLUTION, "inputs", 2),
    "an operator that is not ours": lambda: field(PLACES.codes[0], "builtin_code", "<i", 130),
    "a code that is not there": lambda: field(CONVOLUTION, "opcode_index", "<I", 99),
    "options of another kind": lambda: field(CONVOLUTION, "builtin_options_type", "<B", 8),
    "options of no kind": lambda: field(CONVOLUTION, "builtin_options_type", "<B", 0),
    "another shape": lambda: element(PLACES.tensors[MADE], "shape", 1, "<i", 48),
    "a huge shape": lambda: element(PLACES.tensors[MADE], "shape", 1, "<i", (1 << 31) - 1),
    "a negative shape": lambda: element(PLACES.tensors[MADE], "shape", 0, "<i", -1),
    "an empty shape": lambda: element(PLACES.tensors[MADE], "shape", 3, "<i", 0),
    "another type": lambda: field(PLACES.tensors[MADE], "type", "<b", 7),
    "a string": lambda: field(PLACES.tensors[WEIGHTS], "type", "<b", 5),
    "uint8 for int8": lambda: field(PLACES.tensors[MADE], "type", "<b", 3),
    "int32 for int8": lambda: field(PLACES.tensors[WEIGHTS], "type", "<b", 2),
    "a buffer that is not there": lambda: field(PLACES.tensors[WEIGHTS], "buffer", "<I", 999),
    "another buffer": lambda: field(PLACES.tensors[WEIGHTS], "buffer", "<I", 1),
    "no buffer": lambda: field(PLACES.tensors[BIAS], "buffer", "<I", 0),
    "a shorter buffer": lambda: length(
        PLACES.buffers[PLACES.tensors[WEIGHTS].integer("buffer", "I")], "data", 8
    ),
    "a buffer behind the end": lambda: length(
        PLACES.buffers[PLACES.tensors[WEIGHTS].integer("buffer", "I")], "data", (1 << 32) - 1
    ),
    **{
        f"a scale of {value}": (
            lambda value=value: element(PLACES.quantization(MADE), "scale", 0, "<f", value)  # type: ignore[misc]
        )
        for value in (0.0, -1.0, NAN, float("inf"), 1e-38, 1e38, 1e-12)
    },
    "a scale of weights that is none": lambda: element(
        PLACES.quantization(WEIGHTS), "scale", 3, "<f", NAN
    ),
    "a zero point out of range": lambda: element(
        PLACES.quantization(MADE), "zero_point", 0, "<q", 200
    ),
    "a zero point of weights": lambda: element(
        PLACES.quantization(WEIGHTS), "zero_point", 2, "<q", 1
    ),
    "fewer scales": lambda: length(PLACES.quantization(WEIGHTS), "scale", 3),
    "more inputs of the graph": lambda: length(PLACES.subgraph, "inputs", 1 << 20),
    "no outputs": lambda: length(PLACES.subgraph, "outputs", 0),
    "an output of the graph that is a constant": lambda: element(
        PLACES.subgraph, "outputs", 0, "<i", WEIGHTS
    ),
    "an output of the graph that is its input": lambda: element(
        PLACES.subgraph, "outputs", 0, "<i", 0
    ),
    "a product of constants": lambda: element(
        PRODUCT, "inputs", 0, "<i", PRODUCT.integers("inputs")[1]
    ),
    "metadata that is not there": lambda: field(
        PLACES.model.children("metadata", METADATA)[0], "buffer", "<I", 0
    ),
    "no graph": lambda: length(PLACES.model, "subgraphs", 0),
    "many tensors": lambda: length(PLACES.subgraph, "tensors", 1 << 31),
    "another schema": lambda: field(PLACES.model, "version", "<I", 4),
    "a root behind the end": lambda: patched(0, "<I", len(EDGE)),
    "a root before the end": lambda: patched(0, "<I", len(EDGE) - 4),
    "a root at 0": lambda: patched(0, "<I", 0),
    "an odd root": lambda: patched(0, "<I", 33),
    "axes of a mean that are not there": lambda: element(
        PLACES.buffers[
            PLACES.tensors[PLACES.first("MEAN").integers("inputs")[1]].integer("buffer", "I")
        ],
        "data",
        0,
        "<i",
        7,
    ),
}
