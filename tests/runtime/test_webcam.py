"""Frames of a V4L2 camera: a video replaces the device, but the thread that reads it is real."""

from __future__ import annotations

import gc
import os
import threading
import time
import weakref
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from fer_edge import CameraError
from fer_edge.cameras import webcam
from fer_edge.cameras.native_thread import Call, NativeThread, outliving
from fer_edge.cameras.request import Request
from fer_edge.cameras.v4l2 import (
    Capability,
)
from fer_edge.errors import CameraTimeoutError
from tests.runtime.video_device import Device

SOON = 1.0


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
    # A minute ago is no frame that was just taken: the device counts from another moment.
    minute_ago = (time.monotonic() - 60) * 1000
    for strange in (0.0, time.time() * 1000, -5.0, minute_ago):
        monkeypatch.setattr(device, "get", lambda _, strange=strange: strange)
        with webcam.Webcam(0) as camera:
            frame = next(camera)
        assert frame.moment == "arrival"
        assert frame.age is not None
        assert 0 <= frame.age < 60


def test_the_driver_is_to_keep_one_frame(device: Device) -> None:
    with webcam.Webcam(0):
        assert device.asked[cv2.CAP_PROP_BUFFERSIZE] == 1


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


def test_a_camera_that_was_silent_for_a_while_has_not_failed(
    device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webcam, "SILENT_READ_SECONDS", 0.02)
    monkeypatch.setattr(webcam, "LONGEST_FAILURE_SECONDS", 0.05)

    def is_silent(count: int) -> bool:
        # OpenCV waits for a picture before it gives up.
        time.sleep(0.03)
        return 2 <= count < 6

    device.fails = is_silent
    with webcam.Webcam(0) as camera:
        next(camera)
        assert next(camera).index == 1
        assert device.count == 6
        assert camera.skipped == 0


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
