"""How a recording's frames must be turned, for example those of a phone that was held upright."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from fer_edge.pictures.image import Image


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn by a multiple of 90 degrees, mirrored or not."""

    transpose: bool = False
    """First swap rows and columns,"""
    flip_x: bool = False
    """then mirror left to right,"""
    flip_y: bool = False
    """and top to bottom."""

    def of(self, image: Image) -> Image:
        """The picture as it is to be seen."""
        if self.transpose:
            image = np.asarray(cv2.transpose(image), np.uint8)
        if self.flip_x or self.flip_y:
            code = -1 if self.flip_x and self.flip_y else int(self.flip_x)
            image = np.asarray(cv2.flip(image, code), np.uint8)
        return image

    def size(self, width: int, height: int) -> tuple[int, int]:
        """The width and height, in pixels, after the turn."""
        return (height, width) if self.transpose else (width, height)


BY_EXIF = {
    2: Turn(flip_x=True),
    3: Turn(flip_x=True, flip_y=True),
    4: Turn(flip_y=True),
    5: Turn(transpose=True),
    6: Turn(transpose=True, flip_x=True),
    7: Turn(transpose=True, flip_x=True, flip_y=True),
    8: Turn(transpose=True, flip_y=True),
}
"""The turn by EXIF's orientation, where it is not 1 (upright)."""


def turned_by(frame: Any) -> Turn:
    """The turn by the display matrix of a PyAV frame; no turn without one.

    A matrix `(a b u, c d v, x y w)` moves `(x, y)` to `(a x + c y, b x + d y)`: ISO/IEC 14496-12,
    6.2.2. Other angles are rounded to the nearest right angle.
    """
    try:
        all_data = frame.side_data
    except ValueError:
        # PyAV 18 refuses kinds of data that only its FFmpeg knows, such as a JPEG's EXIF data.
        return _rotated_by(frame)
    for found in all_data:
        # From 19 on PyAV gives the kinds of data, not the data.
        data = found if hasattr(found, "type") else all_data[found]
        if data.type.name == "DISPLAYMATRIX":
            a, b, _, c, d = np.frombuffer(bytes(data), np.int32)[:5].tolist()
            if abs(a) + abs(d) >= abs(b) + abs(c):
                return Turn(flip_x=a < 0, flip_y=d < 0)
            return Turn(transpose=True, flip_x=c < 0, flip_y=b < 0)
    return Turn()


def _rotated_by(frame: Any) -> Turn:
    """The turn alone, counterclockwise in degrees, which PyAV 13 and later give directly."""
    quarters = round(getattr(frame, "rotation", 0) / 90) % 4
    return Turn(transpose=quarters in (1, 3), flip_x=quarters in (2, 3), flip_y=quarters in (1, 2))
