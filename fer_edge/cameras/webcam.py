"""A USB or other V4L2 camera, through OpenCV."""

from __future__ import annotations

import time
from pathlib import Path

import cv2
import numpy as np

from fer_edge.cameras.camera import Camera
from fer_edge.cameras.request import Request
from fer_edge.errors import CameraError
from fer_edge.frame import Frame
from fer_edge.opencv_log import quiet_opencv

ATTEMPTS = 3
"""Reads that may fail in a row (a damaged USB transfer) before the camera counts as gone."""
OLDEST = 10.0
"""Seconds: a driver's timestamp further in the past is on another clock than ours."""


class Webcam(Camera):
    """Frames as they come; the driver keeps one at most, so that none is older than that."""

    def __init__(self, device: int | Path, request: Request | None = None) -> None:
        """Args:
            device: the camera's number, or its path.
            request: what is asked of it.

        Raises:
            CameraError: there is none, it is in use, or it gives no frame.
        """
        super().__init__(request or Request())
        self.name = f"camera {device}"
        with quiet_opencv():
            self._capture = cv2.VideoCapture(device if isinstance(device, int) else str(device))
            self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
            opened = self._capture.isOpened() and self._capture.read()[0]
        if not opened:
            self.close()
            raise CameraError(
                f"{self.name} cannot be opened, or gives no picture; is it plugged in, not in use "
                "by another program, and are you in the group 'video'?"
            )

    def _read(self) -> Frame | None:
        for _ in range(ATTEMPTS):
            with quiet_opencv():
                worked, image = self._capture.read()
            if worked:
                return Frame(np.asarray(image, np.uint8), self._taken(), source=self.name)
        raise CameraError(f"{self.name} stopped giving pictures; was it unplugged?")

    def _release(self) -> None:
        self._capture.release()

    def _taken(self) -> float:
        """When the driver says that the frame came in (V4L2 uses the monotonic clock), or now."""
        now = time.monotonic()
        reported = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        return reported if now - OLDEST < reported <= now else now
