"""One picture from a camera."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal

from fer_edge.image import Image

Clock = Literal["monotonic", "recording", "external"]
"""Whose seconds a timestamp counts: `time.monotonic()`'s, those since a recording began, or those
of another clock, such as ROS's."""
Moment = Literal["exposure", "arrival", "position"]
"""What a timestamp tells: when the exposure began, when the frame reached this program, or where
the frame lies in a recording."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A picture, when it was taken, and which one it is."""

    image: Image
    """uint8, (height, width) grey or (height, width, 3) BGR. All boxes are in its pixels."""
    timestamp: float
    """Seconds on `clock`."""
    index: int = 0
    """Counts the frames of one camera from 0."""
    luma: Image | None = None
    """A smaller grey copy that the camera itself made of the same view, uint8, (height, width)."""
    source: str = ""
    """What it came from: a file's name, or the camera's."""
    clock: Clock = "monotonic"
    """Whose seconds `timestamp` counts."""
    moment: Moment = "arrival"
    """What `timestamp` tells."""

    @property
    def age(self) -> float | None:
        """Seconds since `timestamp`; None unless the clock is monotonic."""
        return time.monotonic() - self.timestamp if self.clock == "monotonic" else None

    @classmethod
    def of(cls, image: Image) -> Frame:
        """A frame of a picture that you have, taken now."""
        return cls(image, time.monotonic())
