"""At which scales a picture is looked at, so that near faces are found as far ones are.

The network knows faces from about 20 to 200 pixels. A nearer one is small again in a smaller copy
of the picture (an image pyramid, as in Rowley, Baluja and Kanade, "Neural Network-Based Face
Detection", 1998).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import cv2
import numpy as np

from fer_edge.image import Image

WINDOW = 96
"""Pixels of the longer side up to which a picture is looked at once, in the middle of a square of
this side: what windows of any size are brought to, so that one prepared interpreter does."""
SMALL = 112
"""Pixels of the longer side of the smallest copy, and how much smaller it is at least."""
SMALLER = 0.7
BORDER = 6
"""Pixels of black around the smallest copy, at least: a face that the picture's edge cuts lies in
full in them."""
STEP, FARTHEST = 4.0, 5.0
"""A copy in between is this much smaller than the picture, where the smallest would be more than
FARTHEST times smaller: neither of the two would know the faces between them."""


@dataclass(frozen=True)
class Look:
    """One copy of a picture and the black canvas that it lies on."""

    size: tuple[int, int]
    """Width and height of the copy."""
    canvas: tuple[int, int]
    """Likewise of the canvas, multiples of the network's last stride."""
    corner: tuple[int, int]
    """Left and top of the copy on the canvas."""


@functools.lru_cache(maxsize=64)
def looks(width: int, height: int, stride: int) -> tuple[Look, ...]:
    """How a picture is looked at, the largest copy first.

    Args:
        width: pixels of the picture.
        height: likewise.
        stride: the network's last, in pixels: canvases are multiples of it.
    """
    longer = max(width, height)
    if longer <= WINDOW:
        side = _up(WINDOW, stride)
        return (_centred((width, height), (side, side)),)
    whole = Look((width, height), (_up(width, stride), _up(height, stride)), (0, 0))
    smallest = min(SMALL, SMALLER * longer)
    copies = [whole]
    if longer > FARTHEST * smallest:
        between = _shrunk(width, height, longer / STEP)
        copies.append(Look(between, (_up(between[0], stride), _up(between[1], stride)), (0, 0)))
    last = _shrunk(width, height, smallest)
    around = (_up(last[0] + 2 * BORDER, stride), _up(last[1] + 2 * BORDER, stride))
    copies.append(_centred(last, around))
    return tuple(copies)


def _centred(size: tuple[int, int], canvas: tuple[int, int]) -> Look:
    return Look(size, canvas, ((canvas[0] - size[0]) // 2, (canvas[1] - size[1]) // 2))


def _shrunk(width: int, height: int, longer: float) -> tuple[int, int]:
    factor = longer / max(width, height)
    return max(1, round(width * factor)), max(1, round(height * factor))


def _up(side: int, multiple: int) -> int:
    return side + -side % multiple


def drawn(image: Image, look: Look) -> Image:
    """The canvas with the copy on it.

    Args:
        image: grey, (height, width), not smaller than the copy.
        look: one of its `looks`.

    Returns:
        uint8, (height, width) of the canvas.
    """
    if image.shape != look.size[::-1]:
        image = np.asarray(_copy(image, look.size), np.uint8)
    if look.canvas == look.size:
        return image
    canvas = np.zeros(look.canvas[::-1], np.uint8)
    left, top = look.corner
    canvas[top : top + look.size[1], left : left + look.size[0]] = image
    return canvas


def _copy(image: Image, size: tuple[int, int]) -> Image:
    """A smaller copy: halved as long as that may be, which costs next to nothing, then the rest."""
    height, width = image.shape
    while width >= 2 * size[0] and height >= 2 * size[1] and not (width % 2 or height % 2):
        width, height = width // 2, height // 2
        image = np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA))
    if (width, height) == size:
        return image
    way = cv2.INTER_AREA if width >= 2 * size[0] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, size, interpolation=way))
