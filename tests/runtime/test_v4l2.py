"""What the kernel and a driver say of a device: whether it is a camera, and what it grants."""

from __future__ import annotations

import errno
from pathlib import Path

import cv2
import pytest

from fer_edge import ArgumentError, CameraError
from fer_edge.cameras import webcam
from fer_edge.cameras.v4l2 import (
    CAPABILITY_LAYOUT,
    CAPTURE_FLAGS,
    DEVICE_CAPS_FLAG,
    STREAMING_FLAG,
    capability,
    checked_camera,
)
from fer_edge.cameras.v4l2_mode import MJPG_FOURCC, granted


@pytest.mark.parametrize("device_", [-1, True, 2**40])
def test_numbers_that_no_device_has_are_refused(device_: int) -> None:
    with pytest.raises(ArgumentError, match="number must be 0 or more"):
        webcam.Webcam(device_)


def test_what_is_no_camera_says_why(tmp_path: Path) -> None:
    for path, told in (
        (Path("/dev/video97"), "cannot be opened: No such file"),
        (Path("/dev/null"), "is no V4L2 camera"),
        (tmp_path, "cannot be opened: Is a directory"),
    ):
        with pytest.raises(CameraError, match=told):
            checked_camera(path)


def answer(driver: str, can: int, every: int = 0) -> bytes:
    """What the kernel says of a node."""
    every = every or can
    return CAPABILITY_LAYOUT.pack(
        driver.encode(), b"A card", b"bus", 0, every | DEVICE_CAPS_FLAG, can
    )


@pytest.mark.parametrize(
    ("told", "refusal"),
    [
        (answer("uvcvideo", CAPTURE_FLAGS & 1 | STREAMING_FLAG), None),
        # A webcam's second node gives metadata, a Pi's codecs take pictures and give them.
        (
            answer("uvcvideo", 0x00800000 | STREAMING_FLAG, CAPTURE_FLAGS | STREAMING_FLAG),
            "gives no pictures",
        ),
        (
            answer("bcm2835-codec", 0x4000 | STREAMING_FLAG),
            "A card .bcm2835-codec. gives no pictures",
        ),
        (answer("unicam", CAPTURE_FLAGS | STREAMING_FLAG), "part of a Pi camera"),
        (answer("rp1-cfe", CAPTURE_FLAGS | STREAMING_FLAG), "part of a Pi camera"),
    ],
)
def test_the_kernel_says_what_is_a_camera(
    told: bytes, refusal: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fcntl.ioctl", lambda *_: told)
    if refusal is None:
        assert checked_camera(Path("/dev/null")) == capability(told)
        return
    with pytest.raises(CameraError, match=refusal):
        checked_camera(Path("/dev/null"))


def test_without_permission_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(errno.EACCES, "no")

    monkeypatch.setattr("os.open", refuse)
    with pytest.raises(CameraError, match="group 'video': sudo usermod"):
        checked_camera(Path("/dev/video0"))


class Driver:
    """A driver's choice: bare pictures are slow where they are large, as over USB 2."""

    def __init__(self, jpeg: bool = True) -> None:
        self._jpeg = jpeg
        self._has = {
            cv2.CAP_PROP_FRAME_WIDTH: 640.0,
            cv2.CAP_PROP_FRAME_HEIGHT: 480.0,
            cv2.CAP_PROP_FPS: 30.0,
            cv2.CAP_PROP_FOURCC: 1448695129.0,
        }

    def get(self, property_: int, /) -> float:
        return self._has[property_]

    def set(self, property_: int, value: float, /) -> bool:
        if property_ == cv2.CAP_PROP_FOURCC and value == MJPG_FOURCC and not self._jpeg:
            return False
        self._has[property_] = value
        self._has[cv2.CAP_PROP_FRAME_WIDTH] = min(1280.0, self._has[cv2.CAP_PROP_FRAME_WIDTH])
        self._has[cv2.CAP_PROP_FRAME_HEIGHT] = min(720.0, self._has[cv2.CAP_PROP_FRAME_HEIGHT])
        bare = self._has[cv2.CAP_PROP_FOURCC] != MJPG_FOURCC
        large = self._has[cv2.CAP_PROP_FRAME_WIDTH] > 640
        self._has[cv2.CAP_PROP_FPS] = min(
            self._has[cv2.CAP_PROP_FPS], 10.0 if bare and large else 30.0
        )
        return True


@pytest.mark.parametrize(
    ("size", "fps", "jpeg", "expected", "packed"),
    [
        (None, None, True, ((640, 480), 30), False),
        ((640, 480), 30, True, ((640, 480), 30), False),
        ((1280, 720), 30, True, ((1280, 720), 30), True),
        ((1280, 720), 10, True, ((1280, 720), 10), False),
        ((1280, 720), 30, False, ((1280, 720), 10), False),
        ((4000, 3000), None, True, ((1280, 720), 10), False),
    ],
)
def test_jpeg_is_asked_for_where_the_rate_needs_it(
    size: tuple[int, int] | None,
    fps: float | None,
    jpeg: bool,
    expected: tuple[tuple[int, int], float],
    packed: bool,
) -> None:
    driver = Driver(jpeg)
    mode = granted(driver, size, fps)
    assert (mode.size, mode.fps) == expected
    assert (driver.get(cv2.CAP_PROP_FOURCC) == MJPG_FOURCC) is packed
