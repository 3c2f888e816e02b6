"""The operators that models of `convert` have, with their options and the ranges of these.

Their numbers and options are those of TFLite's schema (tensorflow/lite/schema/schema.fbs: the enum
BuiltinOperator, the union BuiltinOptions and its tables). Whatever `train`'s zoo converts to is
here, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fer_edge.errors import ModelError
from fer_edge.models import shapes
from fer_edge.models.flatbuffer import Layout, damaged, layout
from fer_edge.models.shapes import SAME_PADDING, VALID_PADDING, Rule
from fer_edge.models.tflite_graph import Operator

LARGEST_STEP_PIXELS = 64
"""Of strides and of pooled windows, in pixels."""


@dataclass(frozen=True)
class Kind:
    """One operator of the schema."""

    name: str
    """As the schema calls it."""
    newest: int
    """The last of its versions that models of ours have; the first is 1."""
    options_type: int
    """The number of its options' table in the union BuiltinOptions."""
    options: Layout
    """That table."""
    allowed: Mapping[str, tuple[str, int, int]]
    """By option: how `struct` writes its type, and its least and largest value."""
    inputs: tuple[str, ...]
    """What each input is. "pictures" and "numbers" are computed; "weights", "bias" and "integers"
    are constant; "either" may be both. "more" stands for any number of "pictures"."""
    rule: Rule
    """Its shape."""


def read_options(operator: Operator, kind: Kind) -> dict[str, int]:
    """An operator's options, each in its range.

    Raises:
        ModelError: another version, another kind of options, or a value out of range.
    """
    if not 1 <= operator.version <= kind.newest:
        raise ModelError(f"the model needs version {operator.version} of {kind.name}")
    table = operator.table.child("builtin_options", kind.options)
    if table is None or operator.options_type == 0:
        if operator.options_type or table is not None:
            raise damaged(f"the options of {kind.name} have no type, or are missing")
        if any(low > 0 for _, low, _ in kind.allowed.values()):
            raise damaged(f"{kind.name} has no options")
        return dict.fromkeys(kind.allowed, 0)
    if operator.options_type != kind.options_type:
        raise damaged(f"{kind.name} has options of the type {operator.options_type}")
    table.refuse(*(field for field in kind.options.fields if field not in kind.allowed))
    found = {}
    for field, (form, low, high) in kind.allowed.items():
        default = 1 if field.startswith("dilation") else 0
        found[field] = table.integer(field, form, default)
        if not low <= found[field] <= high:
            raise ModelError(
                f"the model's {kind.name} has {field} {found[field]}; expected {low}..{high}"
            )
    return found


_STRIDES = {
    "padding": ("b", SAME_PADDING, VALID_PADDING),
    "stride_w": ("i", 1, LARGEST_STEP_PIXELS),
    "stride_h": ("i", 1, LARGEST_STEP_PIXELS),
}
_ACTIVATION = {"fused_activation_function": ("b", 0, 3)}
"""None, ReLU, ReLU between -1 and 1, ReLU up to 6."""
_UNDILATED = {"dilation_w_factor": ("i", 1, 1), "dilation_h_factor": ("i", 1, 1)}
_POOL_FIELDS = "padding stride_w stride_h filter_width filter_height fused_activation_function"
_POOL = {
    **_STRIDES,
    "filter_width": ("i", 1, LARGEST_STEP_PIXELS),
    "filter_height": ("i", 1, LARGEST_STEP_PIXELS),
    **_ACTIVATION,
}
_CONVOLUTION_FIELDS = (
    "padding stride_w stride_h fused_activation_function dilation_w_factor dilation_h_factor "
    "quantized_bias_type"
)
_DEPTHWISE_FIELDS = (
    "padding stride_w stride_h depth_multiplier fused_activation_function dilation_w_factor "
    "dilation_h_factor"
)
_CONNECTED_FIELDS = (
    "fused_activation_function weights_format keep_num_dims asymmetric_quantize_inputs "
    "quantized_bias_type quant_spec"
)

FOREIGN_OPERATORS: Mapping[int, tuple[str, str]] = {
    14: ("LOGISTIC", ""),
    25: ("SOFTMAX", ": let the network end with logits"),
    28: ("TANH", ""),
    77: ("SHAPE", ": convert it for one picture at a time, a fixed batch of 1"),
    117: ("HARD_SWISH", ": take ReLU"),
}
"""Operators that models of other tools often have, by number, and what to do."""
OPERATOR_KINDS: Mapping[int, Kind] = {
    0: Kind(
        "ADD",
        2,
        11,
        layout("AddOptions", "fused_activation_function pot_scale_int16"),
        {**_ACTIVATION, "pot_scale_int16": ("B", 0, 1)},
        ("either", "either"),
        shapes.elementwise,
    ),
    1: Kind(
        "AVERAGE_POOL_2D",
        2,
        5,
        layout("Pool2DOptions", _POOL_FIELDS),
        _POOL,
        ("pictures",),
        shapes.pool,
    ),
    2: Kind(
        "CONCATENATION",
        2,
        10,
        layout("ConcatenationOptions", "axis fused_activation_function"),
        {"axis": ("i", -4, 3), "fused_activation_function": ("b", 0, 0)},
        ("more",),
        shapes.concatenation,
    ),
    3: Kind(
        "CONV_2D",
        3,
        1,
        layout("Conv2DOptions", _CONVOLUTION_FIELDS),
        {**_STRIDES, **_ACTIVATION, **_UNDILATED},
        ("pictures", "weights", "bias"),
        shapes.convolution,
    ),
    4: Kind(
        "DEPTHWISE_CONV_2D",
        3,
        2,
        layout("DepthwiseConv2DOptions", _DEPTHWISE_FIELDS),
        {
            **_STRIDES,
            "depth_multiplier": ("i", 1, LARGEST_STEP_PIXELS),
            **_ACTIVATION,
            **_UNDILATED,
        },
        ("pictures", "weights", "bias"),
        shapes.depthwise,
    ),
    5: Kind(
        "DEPTH_TO_SPACE",
        2,
        94,
        layout("DepthToSpaceOptions", "block_size"),
        {"block_size": ("i", 2, LARGEST_STEP_PIXELS)},
        ("pictures",),
        shapes.depth_to_space,
    ),
    9: Kind(
        "FULLY_CONNECTED",
        4,
        8,
        layout("FullyConnectedOptions", _CONNECTED_FIELDS),
        _ACTIVATION,
        ("numbers", "weights", "optional bias"),
        shapes.fully_connected,
    ),
    17: Kind(
        "MAX_POOL_2D",
        2,
        5,
        layout("Pool2DOptions", _POOL_FIELDS),
        _POOL,
        ("pictures",),
        shapes.pool,
    ),
    18: Kind(
        "MUL",
        2,
        21,
        layout("MulOptions", "fused_activation_function"),
        _ACTIVATION,
        ("either", "either"),
        shapes.elementwise,
    ),
    22: Kind(
        "RESHAPE",
        1,
        17,
        layout("ReshapeOptions", "new_shape"),
        {},
        ("numbers", "integers"),
        shapes.reshape,
    ),
    23: Kind(
        "RESIZE_BILINEAR",
        3,
        15,
        layout("ResizeBilinearOptions", "new_height new_width align_corners half_pixel_centers"),
        {"align_corners": ("B", 0, 1), "half_pixel_centers": ("B", 0, 1)},
        ("pictures", "integers"),
        shapes.resize,
    ),
    34: Kind("PAD", 2, 22, layout("PadOptions", ""), {}, ("pictures", "integers"), shapes.pad),
    40: Kind(
        "MEAN",
        2,
        27,
        layout("ReducerOptions", "keep_dims"),
        {"keep_dims": ("B", 0, 1)},
        ("pictures", "integers"),
        shapes.mean,
    ),
    114: Kind("QUANTIZE", 1, 0, layout("QuantizeOptions", ""), {}, ("numbers",), shapes.quantize),
}
"""By BuiltinOperator."""
