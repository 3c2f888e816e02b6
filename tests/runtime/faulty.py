"""Cameras that fail on request, for tests of what survives them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import numpy as np

from fer_edge import Camera, CameraError, Frame
from fer_edge.cameras.request import Request
from fer_edge.pictures.image import Image

PICTURE = np.zeros((48, 64, 3), np.uint8)
RUBBISH = np.zeros((4, 4, 3), np.uint8)
"""What the tests take for no picture."""


class Scripted(Camera):
    """Gives some frames, and then fails in one of the ways that cameras fail."""

    name = "a scripted camera"
    opened = 0
    """How many were ever made."""
    released = 0
    """How many of them were given back."""

    def __init__(
        self,
        frames: int,
        then: str,
        picture: Image = PICTURE,
        interval: float = 0.001,
    ) -> None:
        """Args:
        frames: how many it gives.
        then: "dies", "ends", "freezes", "rubbish" (RUBBISH for ever), "crashes" (another error).
        picture: what it shows.
        interval: seconds between frames.
        """
        super().__init__(Request())
        type(self).opened += 1
        self._frames, self._then, self._picture, self._interval = frames, then, picture, interval
        self._woken = threading.Event()

    def _read(self) -> Frame | None:
        if self._woken.wait(self._interval):
            return None
        if self._index < self._frames:
            return Frame(self._picture, time.monotonic())
        if self._then == "dies":
            raise CameraError("it died")
        if self._then == "crashes":
            raise ZeroDivisionError("it crashed")
        if self._then == "rubbish":
            return Frame(RUBBISH, time.monotonic())
        if self._then == "freezes":
            self._woken.wait()
        return None

    def _interrupt(self) -> None:
        self._woken.set()

    def _release(self) -> None:
        type(self).released += 1


class Sequence:
    """A source that opens another camera each time."""

    def __init__(self, *cameras: Callable[[], Camera]) -> None:
        """Args:
        cameras: each opens one; after the last, opening fails.
        """
        self._cameras = list(cameras)
        self.attempts: list[float] = []
        """When each was opened, or was to be."""

    def __call__(self) -> Camera:
        self.attempts.append(time.monotonic())
        if not self._cameras:
            raise CameraError("there is no camera any more")
        return self._cameras.pop(0)()
