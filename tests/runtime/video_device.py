"""A video that stands for a V4L2 device behind OpenCV."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import cv2


class Device:
    """OpenCV reading a video over and over, with the faults of a device."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.opened()
        self.fails: Any = lambda _count: False
        self.stuck = threading.Event()
        self.stuck.set()
        self.count = 0
        self.asked: dict[int, float] = {}
        self.readers: set[int] = set()
        self.released_by: int | None = None

    def opened(self) -> Device:
        """Itself, freshly opened."""
        self._video = cv2.VideoCapture(str(self._path))
        return self

    def read(self) -> tuple[bool, Any]:
        self.readers.add(threading.get_ident())
        self.stuck.wait()
        self.count += 1
        if self.fails(self.count):
            return False, None
        worked, image = self._video.read()
        if not worked:
            worked, image = self.opened()._video.read()
        return worked, image

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return self._video.isOpened()

    def get(self, property_: int) -> float:
        # V4L2's time of a picture is the monotonic clock's; a video's begins at nought.
        if property_ == cv2.CAP_PROP_POS_MSEC:
            return (time.monotonic() - 0.005) * 1000
        return self._video.get(property_)

    def set(self, property_: int, value: float) -> bool:
        self.asked[property_] = value
        return self._video.set(property_, value)

    def release(self) -> None:
        self.released_by = threading.get_ident()
        self._video.release()
