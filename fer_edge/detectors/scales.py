"""Chooses the scales at which a picture is searched, so that near and far faces are found.

The network knows faces up to the side that its card declares, in pictures up to that side. A nearer
face has such a size in a smaller copy of the picture. This is an image pyramid, as in Rowley,
Baluja and Kanade, "Neural Network-Based Face Detection", 1998.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np

from fer_edge.detectors.grid import Cells
from fer_edge.detectors.layout import Placing
from fer_edge.detectors.shrink import halvings, resized
from fer_edge.pictures.image import Image

WINDOW_SIDE_PIXELS = 96
"""The side of the square canvas for windows. Windows of any size are scaled to it, so that one
prepared interpreter is enough. Pictures up to this longer side are searched once, in its middle."""
NEAREST_FACE_FACTOR = 1.2
"""The side of the nearest face, as a multiple of the picture's shorter side. A square picture can
show a larger face than an oblong one of the same longer side."""
COPY_FACTOR = 4.0
"""How much smaller the copy of a larger picture is: it takes a sixteenth of the time."""
LARGEST_OWN_FACE_PIXELS = 200.0
"""In a larger picture, its own faces count up to this longer side. The copy finds the larger ones
better: in large pictures, textures and folds looked like faces of that size."""


@dataclass(frozen=True)
class Look:
    """One copy of a picture and the black canvas that it lies on."""

    part: tuple[int, int]
    """Width and height of the part that is copied, from the upper left. It may be a few pixels
    smaller than the picture, so that it can be halved."""
    size: tuple[int, int]
    """Width and height of the copy."""
    canvas: tuple[int, int]
    """Likewise of the canvas, multiples of the network's last stride."""
    corner: tuple[int, int]
    """Left and top of the copy on the canvas."""
    largest: float = math.inf
    """Pixels of the longer side up to which faces count here."""

    @property
    def placing(self) -> Placing:
        """How the canvas lies on the picture."""
        across, along = self.part[0] / self.size[0], self.part[1] / self.size[1]
        return (*self.corner, across, along)


def counted(cells: Cells | None, first: Look) -> Cells | None:
    """The cells of all looks that count: boxes of the full picture must not be too large.

    Args:
        cells: of all looks.
        first: the picture's own.
    """
    if cells is None or not cells.first or first.largest == math.inf:
        return cells
    kept = np.ones(len(cells.rows), np.bool_)
    kept[: cells.first] = cells.sides() <= first.largest
    rows = cells.rows[kept]
    return Cells(rows, int(kept[: cells.first].sum())) if len(rows) else None


@functools.lru_cache(maxsize=64)
def looks(width: int, height: int, stride: int, searched_once: int) -> tuple[Look, ...]:
    """The copies of a picture that are searched, the largest first.

    Args:
        width: pixels of the picture.
        height: likewise.
        stride: the network's last, in pixels: canvases are multiples of it.
        searched_once: as the card says.
    """
    picture = size = (width, height)
    if max(picture) <= WINDOW_SIDE_PIXELS:
        return (_look(picture, picture, (window(stride),) * 2),)
    copies = []
    while max(max(size), NEAREST_FACE_FACTOR * min(size)) > searched_once:
        size = _shrunk(size, max(size) / COPY_FACTOR)
        copies.append(_look(picture, size, (_up(size[0], stride), _up(size[1], stride))))
    canvas = (_up(width, stride), _up(height, stride))
    largest = LARGEST_OWN_FACE_PIXELS if copies else math.inf
    return Look(picture, picture, canvas, (0, 0), largest), *copies


def window(stride: int) -> int:
    """Pixels of a side of the canvas that windows lie on."""
    return _up(WINDOW_SIDE_PIXELS, stride)


def _look(picture: tuple[int, int], size: tuple[int, int], canvas: tuple[int, int]) -> Look:
    multiple = 2 ** halvings(picture, size)
    part = (picture[0] - picture[0] % multiple, picture[1] - picture[1] % multiple)
    corner = ((canvas[0] - size[0]) // 2, (canvas[1] - size[1]) // 2)
    return Look(part, size, canvas, corner)


def _shrunk(picture: tuple[int, int], longer: float) -> tuple[int, int]:
    factor = longer / max(picture)
    return max(1, round(picture[0] * factor)), max(1, round(picture[1] * factor))


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
    if look.size != image.shape[::-1]:
        width, height = look.part
        image = resized(image[:height, :width], look.size, halvings(look.part, look.size))
    if look.canvas == look.size:
        return image
    canvas = np.zeros(look.canvas[::-1], np.uint8)
    left, top = look.corner
    canvas[top : top + look.size[1], left : left + look.size[0]] = image
    return canvas
