"""A Raspberry Pi camera, through picamera2.

There are two streams of the same view. Emotions are read in the main one. The luma plane of the
small one is the grey picture that a detector wants, free of any conversion.
"""

from __future__ import annotations

import concurrent.futures
import logging
import os
import time
from typing import Any

from fer_edge.cameras.camera import Camera
from fer_edge.cameras.device_time import frame_at
from fer_edge.cameras.pi_buffers import colours, small_luma
from fer_edge.cameras.request import FPS_TOLERANCE_SHARE, Request
from fer_edge.cameras.sensor_mode import widest_mode
from fer_edge.cameras.view import View
from fer_edge.errors import BackendMissingError, CameraError, CameraTimeoutError
from fer_edge.frame import Frame
from fer_edge.number import whole_number

log = logging.getLogger(__name__)

MAIN_SIZE_PIXELS = (640, 480)
"""Pixels of a frame's image, width and height, if no size is asked for."""
LORES_SIDE_PIXELS = 320
"""Pixels of the longer side of a frame's luma: the detector's size, in the image's aspect ratio."""
BUFFER_COUNT = 4
"""Pictures that the camera keeps; without a queue, a frame is never older than its exposure."""
POLL_SECONDS = 0.1
"""Seconds after which a wait looks whether the camera was closed."""


class PiCamera(Camera):
    """The newest frames: each was still being exposed or transferred when it was requested."""

    def __init__(self, number: int = 0, request: Request | None = None) -> None:
        """Open and start the camera, and wait for its first frame.

        Args:
            number: which one, where there are several.
            request: what is asked of it; half turns and mirroring are done by the camera.

        Raises:
            BackendMissingError: picamera2 or libcamera is not installed.
            CameraError: there is no such camera, or it is in use.
            CameraTimeoutError: it does not give its first frame in `open_timeout`.
        """
        super().__init__(request, View())
        number = whole_number("a Pi camera's number", number, 0, 999)
        self._camera: Any = None
        self._job: Any = None
        picamera2 = _picamera2()
        known = picamera2.Picamera2.global_camera_info()
        # libcamera lists USB cameras too, but they have no second stream: webcam.py's business.
        known = [info for info in known if "/usb" not in str(info.get("Id", ""))]
        if number >= len(known):
            raise CameraError(
                f"no Pi camera number {number}: libcamera sees {len(known)}; check the cable, and "
                "that rpicam-hello --list-cameras names it"
            )
        self.name = f"Raspberry Pi camera {known[number].get('Model', number)}"
        try:
            self._camera = picamera2.Picamera2(known[number].get("Num", number))
            self._start()
            self._first()
        except BaseException as error:
            # Also after Ctrl-C: a camera that is not closed stays in use until the program ends.
            self.close()
            if isinstance(error, CameraError) or not isinstance(error, Exception):
                raise
            # picamera2 raises what its parts raise: RuntimeError, OSError, IndexError, KeyError.
            raise CameraError(f"{self.name} cannot be started, is it in use? ({error})") from error

    def _start(self) -> None:
        wanted = self._request
        # Sides must be even.
        width, height = (max(2, side - side % 2) for side in wanted.size or MAIN_SIZE_PIXELS)
        controls = {} if wanted.fps is None else {"FrameDurationLimits": _duration(wanted.fps)}
        configuration = self._camera.create_video_configuration(
            # "RGB888" is picamera2's name for blue, green, red in memory: OpenCV's order.
            main={"format": "RGB888", "size": (width, height)},
            lores={"format": "YUV420", "size": _lores(width, height)},
            transform=_transform(*_flips(wanted)),
            sensor=self._sensor((width, height)),
            controls=controls,
            # Without a queue, a capture waits for the next frame instead of an old one.
            queue=False,
            buffer_count=BUFFER_COUNT,
        )
        self._camera.configure(configuration)
        self._settle()
        self._camera.start()

    def _sensor(self, size: tuple[int, int]) -> dict[str, Any] | None:
        try:
            modes = self._camera.sensor_modes
        except Exception as error:
            # Not every libcamera pipeline has raw streams.
            log.debug("%s does not tell its sensor's modes: %r", self.name, error)
            return None
        mode = widest_mode(modes, size, self._request.fps)
        if mode is None:
            return None
        return {"output_size": mode["size"], "bit_depth": mode["bit_depth"]}

    def _settle(self) -> None:
        """What the camera granted, and what is left to do in software."""
        granted, wanted = self._camera.camera_configuration(), self._request
        size = granted["main"]["size"]
        if wanted.size is not None and tuple(wanted.size) != tuple(size):
            log.warning("%s grants %dx%d, not %dx%d", self.name, *size, *wanted.size)
        if wanted.rotate in (90, 270):
            self._view = View(wanted.rotate, wanted.mirror)
        else:
            across, down = _flips(wanted)
            across = across != bool(granted["transform"].hflip)
            down = down != bool(granted["transform"].vflip)
            self._view = View(180 if down else 0, across != down)
        self.size = self._view.size(*size)

    def _first(self) -> None:
        """Wait for the first frame, which shows the rate. It is left out, because it may become
        old."""
        request = self._captured(self._request.open_timeout)
        if request is None:
            return
        try:
            duration = request.get_metadata().get("FrameDuration")
        finally:
            request.release()
        shortest, longest, *_ = self._camera.camera_controls.get("FrameDurationLimits", (0, 1))
        duration = shortest if duration is None and shortest == longest else duration
        self.fps = 1e6 / duration if duration else None
        wanted = self._request.fps
        if (
            wanted is not None
            and self.fps is not None
            and abs(self.fps / wanted - 1) > FPS_TOLERANCE_SHARE
        ):
            log.warning("%s grants %.3g frames a second, not %g", self.name, self.fps, wanted)

    def _captured(self, allowed: float) -> Any:
        """picamera2's next request, or None if the camera was closed."""
        deadline = time.monotonic() + allowed
        while not self._closing.is_set():
            if self._job is None:
                self._job = self._camera.capture_request(wait=False)
            try:
                request = self._job.get_result(timeout=POLL_SECONDS)
            except (TimeoutError, concurrent.futures.TimeoutError):
                if time.monotonic() > deadline:
                    raise CameraTimeoutError(
                        f"{self.name} gave no frame for {allowed:g} s; is its cable in place?"
                    ) from None
            else:
                self._job = None
                return request
        return None

    def _read(self) -> Frame | None:
        try:
            request = self._captured(self._request.frame_timeout)
        except RuntimeError as error:
            raise CameraError(f"{self.name} stopped giving frames ({error})") from error
        if request is None:
            return None
        try:
            image, luma = colours(request), small_luma(request)
            taken = request.get_metadata().get("SensorTimestamp")
        finally:
            # The camera has a handful of buffers: a kept one is a dropped frame.
            request.release()
        return frame_at(image, (taken or 0) / 1e9, self.name, luma)

    def _release(self) -> None:
        camera, self._camera = self._camera, None
        if camera is not None:
            camera.close()


def _lores(width: int, height: int) -> tuple[int, int]:
    """The luma's size: as large as a detection picture of `LORES_SIDE_PIXELS`, or as the image."""
    factor = min(1.0, LORES_SIDE_PIXELS / max(width, height))
    lores_width, lores_height = (max(2, round(side * factor / 2) * 2) for side in (width, height))
    return lores_width, lores_height


def _duration(fps: float) -> tuple[int, int]:
    return round(1e6 / fps), round(1e6 / fps)


def _flips(wanted: Request) -> tuple[bool, bool]:
    """Whether the camera is to flip its pictures left to right, and upside down. Quarter turns are
    left to software, and with them the mirroring, which comes after."""
    if wanted.rotate in (90, 270):
        return False, False
    upside_down = wanted.rotate == 180
    return upside_down != wanted.mirror, upside_down


def _transform(across: bool, down: bool) -> Any:
    from libcamera import Transform

    return Transform(hflip=across, vflip=down)


def _picamera2() -> Any:
    # libcamera's log would mix with our lines; its errors reach the caller anyway.
    os.environ.setdefault("LIBCAMERA_LOG_LEVELS", "*:ERROR")
    try:
        import picamera2
    except Exception as error:
        # A numpy that is too new for the system's picamera2 raises ValueError.
        raise BackendMissingError(
            f"the Pi camera needs picamera2 ({error}); on Raspberry Pi OS: sudo apt install "
            "python3-picamera2, in a venv made with --system-site-packages"
        ) from error
    return picamera2
