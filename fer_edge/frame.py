"""One picture from a camera."""

from __future__ import annotations

import time
from dataclasses import dataclass

from fer_edge.image import Image


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A picture, when it was taken, and which one it is."""

    image: Image
    """uint8, (height, width) grey or (height, width, 3) BGR. All boxes are in its pixels."""
    timestamp: float
    """Seconds on the clock of `time.monotonic()`: when the exposure began if the camera tells,
    else when the frame was captured. In a recording, frames are as far apart as they were shot."""
    index: int = 0
    """Counts the frames of one camera from 0."""
    luma: Image | None = None
    """A smaller grey copy that the camera itself made of the same view, uint8, (height, width)."""
    source: str = ""
    """What it came from: a file's name, or the camera's."""

    @classmethod
    def of(cls, image: Image) -> Frame:
        """A frame of a picture that you have, taken now."""
        return cls(image, time.monotonic())
