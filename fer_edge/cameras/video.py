"""A video file, through OpenCV's FFmpeg."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from fer_edge.cameras.camera import Camera
from fer_edge.cameras.opencv_log import quiet_opencv
from fer_edge.errors import CameraError
from fer_edge.frame import Frame
from fer_edge.image import Image


class Video(Camera):
    """Every frame of a video, as fast as they are asked for, turned as its metadata say."""

    def __init__(self, path: Path) -> None:
        """Raises:
        CameraError: no frame of it can be decoded.
        """
        self.name, self._path = f"the video {path}", path
        with quiet_opencv():
            self._capture = cv2.VideoCapture(str(path))
            self._first = _next(self._capture)
        if self._first is None:
            self._capture.release()
            raise CameraError(f"{path} is not a video that this OpenCV can decode, or is cut short")

    def __iter__(self) -> Iterator[Frame]:
        began, before, index = time.monotonic(), 0.0, 0
        image, self._first = self._first, None
        while image is not None:
            # A few containers report no or a falling position; time never runs backwards.
            position = max(before, self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000)
            before = position
            yield Frame(image, began + position, index, source=self._path.name)
            index += 1
            with quiet_opencv():
                image = _next(self._capture)

    def close(self) -> None:
        self._first = None
        self._capture.release()


def _next(capture: cv2.VideoCapture) -> Image | None:
    decoded, image = capture.read()
    return np.asarray(image, dtype=np.uint8) if decoded else None
