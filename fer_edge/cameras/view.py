"""Turning and mirroring frames in software, where the hardware does not."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import cv2
import numpy as np

from fer_edge.frame import Frame
from fer_edge.pictures.image import Image

_CODES = {
    90: cv2.ROTATE_90_CLOCKWISE,
    180: cv2.ROTATE_180,
    270: cv2.ROTATE_90_COUNTERCLOCKWISE,
}


@dataclass(frozen=True, slots=True)
class View:
    """How a camera's pictures are to be seen."""

    rotate: int = 0
    """Degrees clockwise: 0, 90, 180 or 270."""
    mirror: bool = False
    """Left to right, after they were turned."""

    def of(self, frame: Frame, index: int) -> Frame:
        """The frame as it is to be seen, with its number."""
        if not self.rotate and not self.mirror:
            return frame if frame.index == index else dataclasses.replace(frame, index=index)
        return dataclasses.replace(
            frame,
            image=self._seen(frame.image),
            luma=None if frame.luma is None else self._seen(frame.luma),
            index=index,
            mirrored=frame.mirrored != self.mirror,
        )

    def size(self, width: int, height: int) -> tuple[int, int]:
        """The width and height, in pixels, of a picture after it was turned."""
        return (height, width) if self.rotate in (90, 270) else (width, height)

    def _seen(self, image: Image) -> Image:
        if self.rotate:
            image = np.asarray(cv2.rotate(image, _CODES[self.rotate]), np.uint8)
        if self.mirror:
            image = np.asarray(cv2.flip(image, 1), np.uint8)
        return image
