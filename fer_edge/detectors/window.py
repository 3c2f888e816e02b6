"""A part of a frame, scaled to the one small size in which a face is searched."""

from __future__ import annotations

import math
from dataclasses import dataclass

from fer_edge.detectors.scales import WINDOW_SIDE_PIXELS
from fer_edge.detectors.shrink import halvings, resized
from fer_edge.errors import ArgumentError
from fer_edge.face import Box
from fer_edge.pictures.image import Image
from fer_edge.printable import brief


@dataclass(frozen=True)
class Window:
    """Which pixels of a frame's image, and the size that they are scaled to."""

    corner: tuple[int, int]
    """Left and top in the image."""
    part: tuple[int, int]
    """Width and height in the image."""
    size: tuple[int, int]
    """Width and height that it is scaled to; the longer side is WINDOW_SIDE_PIXELS."""
    times: int
    """How often it is halved on the way."""

    @classmethod
    def of(cls, within: Box, image: Image) -> Window | None:
        """The part of a box that lies in an image; None where nothing does.

        Raises:
            ArgumentError: not a box of finite numbers with sides above 0.
        """
        left, top, right, bottom = _edges(within)
        left, top = max(0, math.floor(left)), max(0, math.floor(top))
        right = min(image.shape[1], math.ceil(right))
        bottom = min(image.shape[0], math.ceil(bottom))
        width, height = right - left, bottom - top
        if width <= 0 or height <= 0:
            return None
        factor = WINDOW_SIDE_PIXELS / max(width, height)
        size = (max(1, round(width * factor)), max(1, round(height * factor)))
        times = halvings((width, height), size)
        part = (width - width % 2**times, height - height % 2**times)
        return cls((left, top), part, size, times)

    @property
    def factors(self) -> tuple[float, float]:
        """How much smaller it gets across and down."""
        return self.part[0] / self.size[0], self.part[1] / self.size[1]

    def drawn(self, image: Image) -> Image:
        """The small picture, in the image's colours."""
        (left, top), (width, height) = self.corner, self.part
        return resized(image[top : top + height, left : left + width], self.size, self.times)


def _edges(within: Box) -> tuple[float, float, float, float]:
    try:
        numbers = [float(within.x), float(within.y), float(within.width), float(within.height)]
    except (AttributeError, TypeError, ValueError, OverflowError):
        numbers = [math.nan]
    if not all(map(math.isfinite, numbers)) or not min(numbers[2:]) > 0:
        raise ArgumentError(
            "within must be a fer_edge.Box of finite numbers with sides above 0, "
            f"got {brief(within)}"
        )
    x, y, width, height = numbers
    return x, y, min(x + width, 1e9), min(y + height, 1e9)
