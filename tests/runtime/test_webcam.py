"""V4L2 cameras. There is no camera here, so a video replaces the device behind OpenCV. The thread
that reads it, its misses and its ends are real."""

from __future__ import annotations

import errno
import gc
import os
import threading
import time
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from fer_edge import ArgumentError, CameraError
from fer_edge.cameras import webcam
from fer_edge.cameras.native_thread import Call, NativeThread, outliving
from fer_edge.cameras.request import Request
from fer_edge.cameras.v4l2 import (
    CAPABILITY_LAYOUT,
    CAPTURE_FLAGS,
    DEVICE_CAPS_FLAG,
    STREAMING_FLAG,
    Capability,
    capability,
    checked_camera,
)
from fer_edge.cameras.v4l2_mode import MJPG_FOURCC, granted
from fer_edge.errors import CameraTimeoutError

SOON = 1.0


class Device:
    """OpenCV reading a video over and over, with the faults of a device."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.opened()
        self.fails: Any = lambda _count: False
        self.stuck = threading.Event()
        self.stuck.set()
        self.count = 0
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
        return self._video.set(property_, value)

    def release(self) -> None:
        self.released_by = threading.get_ident()
        self._video.release()


@pytest.fixture
def device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Device]:
    path = tmp_path / "video.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25, (64, 48))
    for level in range(0, 200, 20):
        writer.write(np.full((48, 64, 3), level, np.uint8))
    writer.release()
    found = Device(path)
    monkeypatch.setattr(webcam, "checked_camera", lambda _: Capability("uvcvideo", "Test", True))
    monkeypatch.setattr(webcam, "_captured", lambda _: found.opened())
    threads = threading.active_count()
    yield found
    found.stuck.set()
    deadline = time.monotonic() + 5
    while threading.active_count() > threads and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() <= threads


def test_frames_are_read_and_released_by_one_thread(device: Device) -> None:
    with webcam.Webcam(0) as camera:
        frames = [next(camera) for _ in range(20)]
        assert camera.name == "the camera /dev/video0 (Test)"
        assert (camera.size, camera.fps) == ((64, 48), 25)
    assert [frame.index for frame in frames] == list(range(20))
    assert {(frame.clock, frame.moment) for frame in frames} == {("monotonic", "exposure")}
    assert all(frame.age is not None and 0.004 < frame.age < 60 for frame in frames)
    assert device.readers == {device.released_by}
    assert threading.get_ident() not in device.readers


def test_a_time_on_another_clock_is_not_believed(
    device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    for strange in (0.0, time.time() * 1000, -5.0):
        monkeypatch.setattr(device, "get", lambda _, strange=strange: strange)
        with webcam.Webcam(0) as camera:
            frame = next(camera)
        assert frame.moment == "arrival"
        assert frame.age is not None
        assert 0 <= frame.age < 60


@pytest.mark.parametrize("first", [1, 30])
def test_misses_of_less_than_two_seconds_are_forgiven(device: Device, first: int) -> None:
    began: list[float] = []

    def fails(count: int) -> bool:
        if count == first:
            began.append(time.monotonic())
        return bool(began) and time.monotonic() - began[0] < 1.5

    device.fails = fails
    with webcam.Webcam(0) as camera:
        for _ in range(40):
            next(camera)
        assert camera.skipped > 0


@pytest.mark.parametrize("last", [0, 5])
def test_a_camera_that_only_fails_is_gone_after_two_seconds(device: Device, last: int) -> None:
    device.fails = lambda count: count > last
    began = time.monotonic()
    with (
        pytest.raises(CameraError, match="gave no picture for 2 s; was it unplugged") as error,
        webcam.Webcam(0) as camera,
    ):
        list(camera)
    assert not isinstance(error.value, CameraTimeoutError)
    assert time.monotonic() - began > 2


def test_a_silent_camera_is_an_error_in_time(device: Device) -> None:
    with webcam.Webcam(0, Request(frame_timeout=0.3)) as camera:
        next(camera)
        next(camera)
        device.stuck.clear()
        with pytest.raises(CameraTimeoutError, match=r"gave no picture in 0\.3 s"):
            next(camera)
        device.stuck.set()
    device.stuck.clear()
    with pytest.raises(CameraTimeoutError, match=r"gave no picture in 0\.2 s"):
        webcam.Webcam(0, Request(open_timeout=0.2))


def test_close_does_not_wait_for_a_driver_that_hangs(
    device: Device, caplog: pytest.LogCaptureFixture
) -> None:
    camera = webcam.Webcam(0)
    next(camera)
    device.stuck.clear()
    closer = threading.Timer(0.2, camera.close)
    closer.start()
    began = time.monotonic()
    assert list(camera) == []
    assert time.monotonic() - began < 0.2 + SOON
    closer.join()
    assert outliving() == 1
    assert "its driver has not returned yet; one thread waits for it (1 in all)" in caplog.text
    device.stuck.set()
    deadline = time.monotonic() + 5
    while outliving() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert outliving() == 0
    assert device.released_by is not None


def test_closing_while_it_is_read_200_times(device: Device) -> None:
    gc.collect()
    before = len(os.listdir("/proc/self/fd"))
    for turn in range(200):
        camera = webcam.Webcam(0)
        closer = threading.Timer(0.0001 * (turn % 20), camera.close)
        closer.start()
        for _ in camera:
            pass
        closer.join()
    device._video.release()
    gc.collect()
    assert len(os.listdir("/proc/self/fd")) <= before


def test_after_ctrl_c_the_frame_that_was_asked_for_is_given(
    device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> bool:
        raise KeyboardInterrupt

    with webcam.Webcam(0) as camera:
        next(camera)
        count = device.count
        with monkeypatch.context() as patch:
            patch.setattr(Call, "wait", interrupted)
            with pytest.raises(KeyboardInterrupt):
                next(camera)
        next(camera)
        assert device.count == count + 1


def test_a_camera_that_nobody_has_any_more_ends_its_thread(device: Device) -> None:
    camera = webcam.Webcam(0)
    next(camera)
    reference = weakref.ref(camera)
    del camera
    gc.collect()
    assert reference() is None


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


def test_what_was_not_granted_is_told(device: Device, caplog: pytest.LogCaptureFixture) -> None:
    with webcam.Webcam(0, Request(size=(1280, 720), fps=60, rotate=90)) as camera:
        assert camera.size == (48, 64)
        assert next(camera).image.shape == (64, 48, 3)
    assert "grants 64x48 at 25 frames a second, not the 1280x720 at 60" in caplog.text


def test_a_native_thread_gives_what_was_raised_and_ends() -> None:
    thread = NativeThread("test")
    call = thread.call(lambda: 1 // 0)
    assert call.wait(5)
    with pytest.raises(ZeroDivisionError):
        call.result()
    done: list[int] = []
    thread.end(lambda: done.append(1))
    assert done == [1]
