"""Making a picture small enough for a detector."""

from __future__ import annotations

import cv2
import numpy as np

from fer_edge.pictures.image import Image


def shrink(image: Image, longest_side: int) -> Image:
    """The picture with its longer side at most `longest_side` pixels; never enlarged.

    Both sides keep at least one pixel, so the aspect ratio of a sliver may change.
    """
    height, width = image.shape[:2]
    factor = longest_side / max(height, width)
    if factor >= 1:
        return image
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def halvings(sides: tuple[int, int], wanted: tuple[int, int]) -> int:
    """How often a picture can be halved before it is smaller than `wanted` along an axis."""
    ratio = min(side // other for side, other in zip(sides, wanted, strict=True))
    return max(0, ratio.bit_length() - 1)


def resized(image: Image, size: tuple[int, int], times: int) -> Image:
    """The picture in another size, halved `times` times first.

    Halving averages four pixels each. That takes a tenth of the time of averaging over any area.
    The small rest of the scaling needs no averaging.

    Args:
        image: its sides are multiples of 2 ** times.
        size: width and height, more than half of what is left then.
        times: of `halvings`.
    """
    for _ in range(times):
        half = (image.shape[1] // 2, image.shape[0] // 2)
        image = np.asarray(cv2.resize(image, half, interpolation=cv2.INTER_AREA), np.uint8)
    if image.shape[1::-1] == size:
        return image
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_LINEAR), np.uint8)
