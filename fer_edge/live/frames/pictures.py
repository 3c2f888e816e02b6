"""What a stream can read: frames, or pictures that become frames of now."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterable

from fer_edge.frame import Frame
from fer_edge.pictures.image import Image

FrameIterable = Iterable[Frame | Image]
"""What can be read: frames, or uint8 arrays, grey or BGR."""


def frame_of(item: Frame | Image, number: int) -> Frame:
    """The frame itself, or a frame of this picture with the present time and this number.

    Raises:
        PictureError: it is no picture.
    """
    if isinstance(item, Frame):
        return item
    arrived = time.monotonic()
    return dataclasses.replace(Frame.of(item), index=number, timestamp=arrived)
