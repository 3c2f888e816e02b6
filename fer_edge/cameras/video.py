"""A video file, through OpenCV's FFmpeg."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from fer_edge.cameras.camera import Camera
from fer_edge.cameras.request import Request
from fer_edge.errors import CameraError
from fer_edge.frame import Frame
from fer_edge.image import Image
from fer_edge.opencv_log import quiet_opencv


class Video(Camera):
    """Every frame of a video, as fast as they are asked for, turned as its metadata say."""

    def __init__(self, path: Path, request: Request | None = None) -> None:
        """Raises:
        CameraError: no frame of it can be decoded.
        """
        super().__init__(request or Request())
        self.name, self._path, self._position = f"the video {path}", path, 0.0
        with quiet_opencv():
            self._capture = cv2.VideoCapture(str(path))
            self._first = _next(self._capture)
        if self._first is None:
            self._capture.release()
            raise CameraError(f"{path} is not a video that this OpenCV can decode, or is cut short")

    def _read(self) -> Frame | None:
        image, self._first = self._first, None
        if image is None:
            with quiet_opencv():
                image = _next(self._capture)
        if image is None:
            return None
        # A few containers report no or a falling position; time never runs backwards.
        self._position = max(self._position, self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000)
        return Frame(
            image, self._position, source=self._path.name, clock="recording", moment="position"
        )

    def _release(self) -> None:
        self._capture.release()


def _next(capture: cv2.VideoCapture) -> Image | None:
    decoded, image = capture.read()
    return np.asarray(image, dtype=np.uint8) if decoded else None
