"""Turns a decoder's frame into a picture in OpenCV's order: blue, green, red."""

from __future__ import annotations

from typing import Any

import numpy as np

from fer_edge.cameras.pyav import pyav
from fer_edge.pictures.image import Image


class Bgr:
    """Turns PyAV's frames of one source, one after the other."""

    def __init__(self) -> None:
        self._reformat = pyav().video.reformatter.VideoReformatter().reformat
        # One thread costs a third less than several; older versions always take one.
        self._options = {"threads": 1}

    def of(self, frame: Any) -> Image:
        """uint8, (height, width, 3); the memory is this picture's own."""
        converted = self._converted(frame)
        plane = converted.planes[0]
        rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
        pixels = rows[: converted.height, : 3 * converted.width]
        return pixels.reshape(converted.height, converted.width, 3)

    def _converted(self, frame: Any) -> Any:
        try:
            return self._reformat(frame, format="bgr24", **self._options)
        except TypeError:
            if not self._options:
                raise
            self._options = {}
            return self._reformat(frame, format="bgr24")
