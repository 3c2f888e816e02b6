"""Whether an operator's tensors have the types and the scales that its int8 kernel expects.

Kernels multiply and divide scales and abort, or compute nonsense, where the result leaves its
range (https://ai.google.dev/edge/litert/models/quantization_spec says which tensors have which).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from fer_edge.errors import ModelError
from fer_edge.models.flatbuffer import damaged
from fer_edge.models.operators import Kind
from fer_edge.models.tflite_graph import Operator, Tensor

SMALLEST_SCALE, LARGEST_SCALE = 1e-30, 1e30
"""Products of two stay ordinary float32 numbers."""
LARGEST_SCALE_RATIO = 256.0
"""Of a kernel's product of scales to its output's scale: XNNPACK refuses more."""
INT8, UINT8, INT32 = np.dtype("i1"), np.dtype("u1"), np.dtype("<i4")
ZERO_POINT_LIMITS = {INT8: (-128, 127), UINT8: (0, 255)}
"""Of zero points."""
SCALE_KEEPING_OPERATORS = (
    "AVERAGE_POOL_2D",
    "CONCATENATION",
    "MAX_POOL_2D",
    "PAD",
    "RESHAPE",
    "RESIZE_BILINEAR",
)
"""Operators that move numbers about, and whose output has the scale of its inputs."""
CONVERTING_OPERATOR = "QUANTIZE"
"""The one that takes and gives uint8 as well."""


def check_tensors(operator: Operator, kind: Kind) -> None:
    """Check an operator's inputs and its output.

    Raises:
        ModelError: there are more or fewer than it takes. A constant stands where a computed tensor
            must be, or the other way round. Another type, or a scale that its kernel cannot work
            with.
    """
    roles = kind.inputs * len(operator.inputs) if kind.inputs == ("more",) else kind.inputs
    if len(roles) != len(operator.inputs) or not roles:
        raise damaged(f"{kind.name} has {len(operator.inputs)} inputs")
    for role, tensor in zip(roles, operator.inputs, strict=True):
        if tensor is None:
            if role != "optional bias":
                raise damaged(f"{kind.name} lacks an input")
            continue
        _check_input(tensor, role, kind)
    if all(tensor is None or tensor.data is not None for tensor in operator.inputs):
        raise damaged(f"{kind.name} computes from constants alone")
    if operator.output.data is not None:
        raise damaged(f"{kind.name} computes the constant {operator.output.index}")
    _check_numbers(operator.output, kind)
    _check_ratio(operator, kind)


def _check_input(tensor: Tensor, role: str, kind: Kind) -> None:
    if role != "either" and (tensor.data is None) != (role in ("pictures", "numbers", "more")):
        raise damaged(f"{kind.name} takes no {role} from the tensor {tensor.index}")
    if role == "integers":
        _check_type(tensor, (INT32,), kind)
    elif role in ("bias", "optional bias"):
        _check_type(tensor, (INT32,), kind)
        _check_scales(tensor, kind, many=True)
    elif role == "weights":
        _check_type(tensor, (INT8,), kind)
        _check_scales(tensor, kind, many=True)
        along = 3 if kind.name == "DEPTHWISE_CONV_2D" else 0
        if len(tensor.scales) > 1 and tensor.axis != along:
            raise damaged(f"{kind.name} has weights with scales along {tensor.axis}")
    else:
        _check_numbers(tensor, kind)


def _check_numbers(tensor: Tensor, kind: Kind) -> None:
    """Inputs and outputs of computation: one scale, one zero point."""
    _check_type(tensor, (INT8, UINT8) if kind.name == CONVERTING_OPERATOR else (INT8,), kind)
    _check_scales(tensor, kind, many=False)


def _check_type(tensor: Tensor, types: tuple[np.dtype[Any], ...], kind: Kind) -> None:
    if tensor.type not in types:
        raise damaged(f"{kind.name} has the tensor {tensor.index} of {tensor.type.name}")


def _check_scales(tensor: Tensor, kind: Kind, many: bool) -> None:
    """Scales are ordinary numbers; where there may be many, they go without zero points."""
    scales, zeros = tensor.scales, tensor.zero_points
    if not len(scales) or (len(scales) > 1 and not many):
        raise damaged(f"{kind.name} has the tensor {tensor.index} with {len(scales)} scales")
    # Written so that NaN is refused.
    if not (float(scales.min()) >= SMALLEST_SCALE and float(scales.max()) <= LARGEST_SCALE):
        raise damaged(f"{kind.name} has the tensor {tensor.index} with a scale out of range")
    low, high = (0, 0) if many else ZERO_POINT_LIMITS[tensor.type]
    if not (int(zeros.min()) >= low and int(zeros.max()) <= high):
        raise damaged(f"{kind.name} has the tensor {tensor.index} with a zero point out of range")


def _check_ratio(operator: Operator, kind: Kind) -> None:
    tensors = [tensor for tensor in operator.inputs if tensor is not None]
    output = operator.output
    if kind.name in SCALE_KEEPING_OPERATORS:
        for tensor in tensors:
            if tensor.type == INT8 and _steps(tensor) != _steps(output):
                raise damaged(f"{kind.name} changes the scale of the tensor {tensor.index}")
        return
    scales = [float(tensor.scales.max()) for tensor in tensors if len(tensor.scales)]
    product = max(scales) if kind.name == "ADD" else math.prod(scales[:2])
    if not product / float(output.scales[0]) < LARGEST_SCALE_RATIO:
        raise ModelError(
            f"the model's {kind.name} has scales {scales[:2]} for an output of "
            f"{float(output.scales[0])}; expected at most {LARGEST_SCALE_RATIO:g} times as much"
        )


def _steps(tensor: Tensor) -> tuple[float, int]:
    return float(tensor.scales[0]), int(tensor.zero_points[0])
