"""Makes the emotion model's input from a picture and a face: the only place where this is done.

Training, evaluation, calibration and the runtime all call `model_input`, so a model never meets
a crop made in another way than those it learned from. Pixel values stay 0..255; their scaling
is part of the model.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from fer_edge.errors import PictureError
from fer_edge.face import Box
from fer_edge.models.card import InputSpec
from fer_edge.pictures.image import Image, grey

LARGEST_SQUARE_FACTOR = 4
"""A square that is wider than the picture by more than this factor is only sampled: to copy it
would need too much memory."""
LARGEST_UPRIGHT_FACTOR = 4
"""A leaning face is cut at most at this multiple of the model's input side, and then averaged."""


def model_input(image: Image, square: Box, spec: InputSpec, roll: float = 0.0) -> Image:
    """Cut one face out of a picture and bring it to a model's size and colour.

    Args:
        image: uint8, (height, width) grey or (height, width, 3) BGR.
        square: the face from hair line to chin (`Detection.square`); it may reach outside the
            picture, whose edge pixels are then repeated.
        spec: the model's input, from its card.
        roll: degrees by which the face leans clockwise (`Detection.roll`); it comes out upright.

    Returns:
        uint8, (spec.height, spec.width, channels), values 0..255.

    Raises:
        PictureError: the square has no pixel in common with the picture.
    """
    framed = square.square(1 + spec.margin)
    height, width = image.shape[:2]
    if roll or framed.width > LARGEST_SQUARE_FACTOR * max(height, width):
        if not _touches(framed, width, height):
            raise _outside(square, width, height)
        if spec.colour == "grey" and image.ndim == 3:
            image, framed = _around(image, framed, roll)
            image = grey(image)
        image, framed = _upright(
            image, framed, roll, at_most=LARGEST_UPRIGHT_FACTOR * max(spec.height, spec.width)
        )
    left, top = round(framed.x), round(framed.y)
    right = max(left + 1, round(framed.x + framed.width))
    bottom = max(top + 1, round(framed.y + framed.height))
    height, width = image.shape[:2]
    inside = image[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
    if not inside.size:
        raise _outside(square, width, height)
    crop = _coloured(inside, spec.colour)
    outside = (max(-top, 0), max(bottom - height, 0), max(-left, 0), max(right - width, 0))
    if any(outside):
        crop = np.asarray(cv2.copyMakeBorder(crop, *outside, cv2.BORDER_REPLICATE), np.uint8)
    if crop.shape[:2] != (spec.height, spec.width):
        # Averaging over areas keeps a large face from aliasing when it shrinks to 48 pixels.
        shrinks = crop.shape[0] > spec.height
        way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        crop = np.asarray(cv2.resize(crop, (spec.width, spec.height), interpolation=way), np.uint8)
    return crop.reshape(spec.height, spec.width, spec.channels)


def _upright(image: Image, framed: Box, roll: float, at_most: int) -> tuple[Image, Box]:
    """A leaning square as an upright picture, and the square that covers all of it.

    Sides longer than `at_most` pixels are shortened to that: the next step shrinks them anyway.
    """
    middle = (framed.x + framed.width / 2, framed.y + framed.height / 2)
    side = min(max(1, round(framed.width)), at_most)
    step = framed.width / side
    cosine, sine = step * math.cos(math.radians(roll)), step * math.sin(math.radians(roll))
    # From the centres of output pixels to the centres of input pixels.
    half = (side - 1) / 2
    across = middle[0] - 0.5 - (cosine - sine) * half
    along = middle[1] - 0.5 - (sine + cosine) * half
    matrix = np.array(((cosine, -sine, across), (sine, cosine, along)))
    turned = cv2.warpAffine(
        image,
        matrix,
        (side, side),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(turned, np.uint8), Box(0, 0, side, side)


def _around(image: Image, framed: Box, roll: float) -> tuple[Image, Box]:
    """The part of a picture that a turned square reaches, and the square there."""
    height, width = image.shape[:2]
    turn = math.radians(roll)
    reach = framed.width / 2 * (abs(math.cos(turn)) + abs(math.sin(turn))) + 2
    x, y = framed.x + framed.width / 2, framed.y + framed.height / 2
    left, top = min(max(0, math.floor(x - reach)), width - 1), max(0, math.floor(y - reach))
    top = min(top, height - 1)
    right, bottom = max(math.ceil(x + reach), left + 1), max(math.ceil(y + reach), top + 1)
    return image[top:bottom, left:right], framed.moved(-left, -top)


def _outside(square: Box, width: int, height: int) -> PictureError:
    return PictureError(f"the face at {square} lies outside the picture of {width}x{height}")


def _touches(framed: Box, width: int, height: int) -> bool:
    return (
        framed.x < width
        and framed.y < height
        and framed.x + framed.width > 0
        and framed.y + framed.height > 0
    )


def whole_picture(image: Image, spec: InputSpec) -> Image:
    """A picture that is a face from hair line to chin, as datasets have them.

    Args:
        image: uint8, (height, width, channels) with one channel or BGR.
        spec: the model's input.

    Returns:
        uint8, (spec.height, spec.width, channels), values 0..255.
    """
    height, width, channels = image.shape
    flat = image[:, :, 0] if channels == 1 else image
    return model_input(flat, Box(0, 0, width, height), spec)


def _coloured(crop: Image, colour: str) -> Image:
    if colour == "grey":
        return grey(crop)
    code = cv2.COLOR_GRAY2RGB if crop.ndim == 2 else cv2.COLOR_BGR2RGB
    return np.asarray(cv2.cvtColor(crop, code), dtype=np.uint8)
