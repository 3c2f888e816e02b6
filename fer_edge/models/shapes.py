"""The shape that each operator computes from those of its inputs, and what that costs.

As TFLite's kernels do it (tensorflow/lite/kernels/, whose authors call it "prepare"). Pictures are
(batch, height, width, channels). A rule raises ModelError where the inputs do not fit each other.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from fer_edge.errors import ModelError
from fer_edge.models.flatbuffer import damaged
from fer_edge.models.tflite_graph import Operator, Shape

LARGEST_PICTURE_SIDE_PIXELS = 4096
"""Pixels of a side that a picture is enlarged to, or padded by."""
SAME_PADDING, VALID_PADDING = 0, 1
"""Padding: as many outputs as strides fit in, or only those whose whole window lies inside."""

Options = Mapping[str, int]
"""By their names in the schema."""


@dataclass(frozen=True, slots=True)
class Step:
    """What an operator computes, and what that costs."""

    shape: Shape
    """Of its output."""
    work: int = 0
    """Multiply-adds."""
    scratch: int = 0
    """Bytes that it may take while it runs: a convolution can unfold its input's windows."""


Rule = Callable[[Operator, Options, Sequence[Shape]], Step]
"""Takes an operator, its options and its inputs' shapes; raises ModelError where they differ."""


def _extent(size: int, window: int, stride: int, padding: int) -> int:
    """How many outputs a window that moves along a side has (TFLite's ComputeOutSize)."""
    count = -(-size // stride) if padding == SAME_PADDING else (size - window) // stride + 1
    if count < 1:
        raise ModelError(f"a window of {window} pixels does not fit into {size}")
    return count


def _moved(options: Options, picture: Shape, window: tuple[int, int]) -> tuple[int, int]:
    padding = options["padding"]
    return (
        _extent(picture[1], window[0], options["stride_h"], padding),
        _extent(picture[2], window[1], options["stride_w"], padding),
    )


def _agree(fits: bool, what: str, shapes: Sequence[Shape]) -> None:
    if not fits:
        raise ModelError(f"the model's {what} does not take {' and '.join(map(str, shapes))}")


def convolution(operator: Operator, options: Options, shapes: Sequence[Shape]) -> Step:
    """CONV_2D of (batch, height, width, in) with weights (out, height, width, in)."""
    picture, weights, bias = shapes
    fits = len(picture) == len(weights) == 4 and bias == weights[:1]
    _agree(fits and picture[3] == weights[3], "CONV_2D", shapes)
    height, width = _moved(options, picture, (weights[1], weights[2]))
    places = picture[0] * height * width
    window = math.prod(weights[1:])
    shape = (picture[0], height, width, weights[0])
    return Step(shape, places * window * weights[0], places * window)


def depthwise(operator: Operator, options: Options, shapes: Sequence[Shape]) -> Step:
    """DEPTHWISE_CONV_2D with weights (1, height, width, channels * multiplier)."""
    picture, weights, bias = shapes
    fits = len(picture) == len(weights) == 4 and weights[0] == 1 and bias == weights[3:]
    multiplier = options["depth_multiplier"]
    _agree(fits and picture[3] * multiplier == weights[3], "DEPTHWISE_CONV_2D", shapes)
    height, width = _moved(options, picture, (weights[1], weights[2]))
    shape = (picture[0], height, width, weights[3])
    return Step(shape, math.prod(shape) * weights[1] * weights[2])


def fully_connected(operator: Operator, options: Options, shapes: Sequence[Shape]) -> Step:
    """FULLY_CONNECTED of (batch, in) with weights (out, in)."""
    numbers, weights, *bias = shapes
    fits = len(numbers) == len(weights) == 2 and numbers[1] == weights[1]
    _agree(fits and bias in ([], [weights[:1]]), "FULLY_CONNECTED", shapes)
    return Step((numbers[0], weights[0]), numbers[0] * math.prod(weights))


def pool(operator: Operator, options: Options, shapes: Sequence[Shape]) -> Step:
    """MAX_POOL_2D and AVERAGE_POOL_2D."""
    (picture,) = shapes
    _agree(len(picture) == 4, "pooling", shapes)
    window = (options["filter_height"], options["filter_width"])
    shape = (picture[0], *_moved(options, picture, window), picture[3])
    return Step(shape, math.prod(shape) * window[0] * window[1])


def mean(operator: Operator, options: Options, shapes: Sequence[Shape]) -> Step:
    """MEAN over a picture's height and width."""
    picture = shapes[0]
    axes = _integers(operator, 1)
    _agree(len(picture) == 4 and axes == (1, 2), f"MEAN along {axes}", shapes[:1])
    batch, _, _, channels = picture
    shape = (batch, 1, 1, channels) if options["keep_dims"] else (batch, channels)
    return Step(shape, math.prod(picture), 4 * math.prod(shape))


def elementwise(operator: Operator, options: Options, shapes: Sequence[Shape]) -> Step:
    """ADD and MUL: shapes that differ are repeated along sides of one, as numpy does it."""
    pairs = itertools.zip_longest(reversed(shapes[0]), reversed(shapes[1]), fillvalue=1)
    sides = [(max(pair), min(pair)) for pair in pairs]
    _agree(all(less in (1, more) for more, less in sides), "ADD or MUL", shapes)
    shape = tuple(more for more, _ in reversed(sides))
    return Step(shape, math.prod(shape))


def quantize(operator: Operator, options: Options, shapes: Sequence[Shape]) -> Step:
    """QUANTIZE: the same numbers in other steps."""
    return Step(shapes[0], math.prod(shapes[0]))


def concatenation(operator: Operator, options: Options, shapes: Sequence[Shape]) -> Step:
    """CONCATENATION along one axis; the other sides are alike."""
    rank, axis = len(shapes[0]), options["axis"]
    axis += rank if axis < 0 else 0
    fits = 0 <= axis < rank and all(len(shape) == rank for shape in shapes)
    rest = {shape[:axis] + shape[axis + 1 :] for shape in shapes} if fits else set()
    _agree(len(rest) == 1, f"CONCATENATION along {axis}", shapes)
    total = sum(shape[axis] for shape in shapes)
    shape = (*shapes[0][:axis], total, *shapes[0][axis + 1 :])
    return Step(shape, math.prod(shape))


def depth_to_space(operator: Operator, options: Options, shapes: Sequence[Shape]) -> Step:
    """DEPTH_TO_SPACE: a square of pixels out of each pixel's channels."""
    (picture,), side = shapes, options["block_size"]
    _agree(len(picture) == 4 and picture[3] % side**2 == 0, "DEPTH_TO_SPACE", shapes)
    batch, height, width, channels = picture
    shape = (batch, height * side, width * side, channels // side**2)
    return Step(shape, math.prod(shape))


def pad(operator: Operator, options: Options, shapes: Sequence[Shape]) -> Step:
    """PAD of pictures, around their height and width."""
    picture, by = shapes
    _agree(len(picture) == 4 and by == (4, 2), "PAD", shapes)
    around = _integers(operator, 1)
    fits = all(0 <= one <= LARGEST_PICTURE_SIDE_PIXELS for one in around) and not any(
        around[:2] + around[6:]
    )
    _agree(fits, f"PAD by {around}", shapes[:1])
    batch, height, width, channels = picture
    shape = (batch, height + sum(around[2:4]), width + sum(around[4:6]), channels)
    return Step(shape, math.prod(shape))


def reshape(operator: Operator, options: Options, shapes: Sequence[Shape]) -> Step:
    """RESHAPE: as many numbers in another shape, of which one side may be left open."""
    wanted, total = _integers(operator, 1), math.prod(shapes[0])
    known = math.prod(side for side in wanted if side != -1)
    fits = 1 <= len(wanted) <= 4 and all(side == -1 or side > 0 for side in wanted)
    fits = fits and wanted.count(-1) <= 1 and total % known == 0
    _agree(fits and (-1 in wanted or known == total), f"RESHAPE to {wanted}", shapes[:1])
    return Step(tuple(total // known if side == -1 else side for side in wanted))


def resize(operator: Operator, options: Options, shapes: Sequence[Shape]) -> Step:
    """RESIZE_BILINEAR to a height and a width."""
    picture, sides = shapes[0], _integers(operator, 1)
    fits = (
        len(picture) == 4
        and len(sides) == 2
        and not (options["align_corners"] and options["half_pixel_centers"])
    )
    fits = fits and all(1 <= side <= LARGEST_PICTURE_SIDE_PIXELS for side in sides)
    _agree(fits, f"RESIZE_BILINEAR to {sides}", shapes[:1])
    shape = (picture[0], sides[0], sides[1], picture[3])
    return Step(shape, 8 * math.prod(shape))


def _integers(operator: Operator, place: int) -> tuple[int, ...]:
    """A constant input that says a shape or axes."""
    tensor = operator.inputs[place]
    assert tensor is not None
    if len(tensor.shape) not in (1, 2) or math.prod(tensor.shape) > 8:
        raise damaged(f"the tensor {tensor.index} says sizes in the shape {tensor.shape}")
    return tensor.numbers
