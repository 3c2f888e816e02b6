"""A USB or other V4L2 camera, through OpenCV."""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from fer_edge.cameras.camera import Camera
from fer_edge.cameras.device_time import frame_at
from fer_edge.cameras.native_thread import Call, NativeThread
from fer_edge.cameras.request import Request
from fer_edge.cameras.sources import path_of
from fer_edge.cameras.v4l2 import checked_camera
from fer_edge.cameras.v4l2_mode import Mode, granted
from fer_edge.errors import CameraError, CameraTimeoutError
from fer_edge.frame import Frame
from fer_edge.native_logs.opencv_log import quiet_opencv
from fer_edge.number import whole_number

log = logging.getLogger(__name__)

LONGEST_FAILURE_SECONDS = 2.0
"""Seconds of reads that fail one after the other, after which the camera counts as gone. Some fail
at the start (a camera warms up) or later (a damaged USB transfer)."""
RETRY_SECONDS = 0.02
"""Seconds between two such reads."""
SILENT_READ_SECONDS = 0.5
"""Seconds of a failed read from which on the camera counts as silent; then the time limits
decide."""
POLL_SECONDS = 0.05
"""Seconds after which a wait looks whether the camera was closed."""
LARGEST_MINOR_NUMBER = 1048575
"""The highest minor number of a device in Linux."""
# OpenCV waits ten seconds in a read for a camera that gives nothing. Its thread would outlive
# `close` by that time. OpenCV reads this variable at its first such wait, in whole seconds.
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "1")


class Webcam(Camera):
    """Gives the next frame when asked. The driver keeps one frame at most. So a frame is never
    older than the request before it. A thread reads, because a driver may not return."""

    def __init__(self, device: int | Path, request: Request | None = None) -> None:
        """Args:
            device: the camera's number, or its path.
            request: what is asked of it. What it grants may differ: `size` and `fps` tell it, and
                a line of the log.

        Raises:
            ArgumentError: no device has such a number.
            CameraError: there is none, it is in use, or it gives no frame.
            CameraTimeoutError: it does not give its first frame in `open_timeout`.
        """
        super().__init__(request)
        path = _path(device)
        self.name = f"the camera {path}"
        card = checked_camera(path).card
        self.name = f"the camera {path} ({card})"
        self._capture: Any = None
        self._pending: Call | None = None
        self._thread = NativeThread(self.name)
        self._deadline = time.monotonic() + self._request.open_timeout
        try:
            opening = self._thread.call(lambda: self._open(path))
            self._tell(self._done(opening, self._request.open_timeout))
            self._first = self._grab(self._request.open_timeout)
        except BaseException:
            self.close()
            raise

    def _open(self, path: Path) -> Mode:
        with quiet_opencv():
            self._capture = capture = _captured(path)
            if not capture.isOpened():
                raise CameraError(f"{self.name} cannot be opened; is another program using it?")
            mode = granted(capture, self._request.size, self._request.fps)
            capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        return mode

    def _tell(self, mode: Mode) -> None:
        self.size, self.fps = self._view.size(*mode.size), mode.fps or None
        if not mode.satisfies(self._request.size, self._request.fps):
            wanted = Mode(self._request.size or mode.size, self._request.fps or mode.fps)
            log.warning("%s grants %s, not the %s that were asked for", self.name, mode, wanted)

    def _read(self) -> Frame | None:
        if self._first is not None:
            first, self._first = self._first, None
            return first
        self._deadline = time.monotonic() + self._request.frame_timeout
        return self._grab(self._request.frame_timeout)

    def _grab(self, allowed: float) -> Frame | None:
        """The next frame, past reads that fail; None if the camera was closed."""
        failing: float | None = None
        while not self._closing.is_set():
            began = time.monotonic()
            if self._pending is None:
                self._pending = self._thread.call(self._read_now)
            frame: Frame | None = self._done(self._pending, allowed)
            self._pending = None
            if frame is not None:
                return frame
            now = time.monotonic()
            if now - began < SILENT_READ_SECONDS:
                self.skipped += 1
                failing = began if failing is None else failing
                if now - failing > LONGEST_FAILURE_SECONDS:
                    raise CameraError(
                        f"{self.name} gave no picture for {LONGEST_FAILURE_SECONDS:g} s; "
                        "was it unplugged?"
                    )
            self._closing.wait(RETRY_SECONDS)
        return None

    def _done(self, call: Call, allowed: float) -> Any:
        """What a call returned, or None if the camera was closed meanwhile."""
        while not call.wait(POLL_SECONDS):
            if self._closing.is_set():
                return None
            if time.monotonic() > self._deadline:
                raise CameraTimeoutError(
                    f"{self.name} gave no picture in {allowed:g} s; was it unplugged?"
                )
        return call.result()

    def _read_now(self) -> Frame | None:
        with quiet_opencv():
            worked, image = self._capture.read()
        if not worked:
            return None
        # The driver's time is that of the picture, mostly of its first bytes.
        told = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        return frame_at(np.asarray(image, np.uint8), told, self.name)

    def _release(self) -> None:
        self._thread.end(self._release_now)

    def _release_now(self) -> None:
        if self._capture is not None:
            self._capture.release()


def _captured(path: Path) -> cv2.VideoCapture:
    return cv2.VideoCapture(str(path), cv2.CAP_V4L2)


def _path(device: int | Path) -> Path:
    if isinstance(device, Path):
        return path_of(device)
    number = whole_number("a camera's number", device, 0, LARGEST_MINOR_NUMBER)
    return Path(f"/dev/video{number}")
