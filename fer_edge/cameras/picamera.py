"""A Raspberry Pi camera, through picamera2.

Two streams of the same view: the main one for reading emotions in, and a small one whose luma
plane is the grey picture that a detector wants, free of any conversion.
"""

from __future__ import annotations

import logging
import time
from typing import Any

import numpy as np

from fer_edge.cameras.camera import Camera
from fer_edge.cameras.request import Request
from fer_edge.errors import BackendMissingError, CameraError
from fer_edge.frame import Frame
from fer_edge.image import Image

log = logging.getLogger(__name__)

MAIN = (640, 480)
"""Pixels of a frame's image, width and height."""
LORES = (320, 240)
"""Pixels of a frame's luma: the detector's size, in the same aspect ratio."""
PATIENCE = 5.0
"""Seconds without a frame after which the camera counts as gone; long exposures take less."""
PLANAR = ("YUV420", "YVU420", "NV12", "NV21")
"""Formats whose first plane is the luma."""


class PiCamera(Camera):
    """Frames that were still being exposed or on their way when they were asked for."""

    def __init__(self, number: int = 0, request: Request | None = None) -> None:
        """Open and start the camera.

        Args:
            number: which one, where there are several.
            request: what is asked of it.

        Raises:
            BackendMissingError: picamera2 or libcamera is not installed.
            CameraError: there is no such camera, or it is in use.
        """
        super().__init__(request or Request())
        self._camera: Any = None
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
        except (RuntimeError, OSError, IndexError) as error:
            self.close()
            raise CameraError(f"{self.name} cannot be started, is it in use? ({error})") from error

    def _start(self) -> None:
        configuration = self._camera.create_video_configuration(
            # "RGB888" is picamera2's name for blue, green, red in memory: OpenCV's order.
            main={"format": "RGB888", "size": MAIN},
            lores={"format": "YUV420", "size": LORES},
            # Without a queue, a capture waits for the next frame instead of an old one.
            queue=False,
            buffer_count=4,
        )
        self._camera.configure(configuration)
        self._camera.start()

    def _read(self) -> Frame | None:
        try:
            request = self._camera.capture_request(wait=PATIENCE)
        except (TimeoutError, RuntimeError) as error:
            raise CameraError(
                f"{self.name} gave no frame for {PATIENCE:g} s; was it unplugged?"
            ) from error
        try:
            image, luma = _copy(request, "main"), _copy(request, "lores")
            taken = request.get_metadata().get("SensorTimestamp")
        finally:
            # The camera has a handful of buffers: a kept one is a dropped frame.
            request.release()
        timestamp = time.monotonic() if taken is None else taken / 1e9
        return Frame(image, timestamp, luma=luma, source=self.name)

    def _release(self) -> None:
        camera, self._camera = self._camera, None
        if camera is not None:
            camera.close()


def _copy(request: Any, stream: str) -> Image:
    """A stream's picture, copied out of the camera's buffer: the luma plane, or BGR."""
    configuration = request.config[stream]
    width, height = configuration["size"]
    # Rows may be padded to the hardware's stride, and chroma planes follow the luma's rows.
    pixels = request.make_array(stream)[:height, :width]
    if configuration["format"] not in PLANAR:
        pixels = pixels[:, :, :3]
    return np.ascontiguousarray(pixels, dtype=np.uint8)


def _picamera2() -> Any:
    try:
        import picamera2
    except ImportError as error:
        raise BackendMissingError(
            f"the Pi camera needs picamera2 ({error}); on Raspberry Pi OS: sudo apt install "
            "python3-picamera2, in a venv made with --system-site-packages; elsewhere: "
            "pip install 'fer-edge[picamera]'"
        ) from error
    return picamera2
