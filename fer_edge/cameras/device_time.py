"""Whether a camera's own time of a picture can be trusted."""

from __future__ import annotations

import time

from fer_edge.frame import Frame
from fer_edge.pictures.image import Image

OLDEST_TIMESTAMP_SECONDS = 10.0
"""Seconds: a device's timestamp further in the past is on another clock than ours."""


def frame_at(image: Image, told: float, name: str, luma: Image | None = None) -> Frame:
    """A frame at the time that the device told, or at its arrival now if that cannot be true.

    Args:
        image: the picture.
        told: seconds on the monotonic clock; 0 if it told nothing.
        name: the camera's.
        luma: its small grey copy.
    """
    now = time.monotonic()
    if now - OLDEST_TIMESTAMP_SECONDS < told <= now:
        return Frame(image, told, luma=luma, source=name, moment="exposure")
    return Frame(image, now, luma=luma, source=name)
