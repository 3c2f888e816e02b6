"""Closed a thousand times at any moment, while it is read: no crash, no handle left, no wait."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
import types
from pathlib import Path

import pytest

from fer_edge import Camera, CameraError, open_camera
from fer_edge.cameras.ffmpeg_file import RecordingFile
from tests.runtime.videos import pictures, write_video

TIMES = 1000
SLOWEST = 5.0
"""Seconds from closing to the end; one is promised, the rest is for a busy machine."""
LATEST = 0.012
"""Seconds after opening by which it is closed; the video takes about as long to read."""


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fire")
    return write_video(folder / "a.mp4", pictures(30, 64, 48))


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_closed_by_other_threads_at_any_moment(video: Path) -> None:
    chance = random.Random(0)
    threads, before, cut_short = threading.active_count(), descriptors(), 0
    for _ in range(TIMES):
        camera = open_camera(video, realtime=chance.random() < 0.2)
        delays = [chance.random() * LATEST for _ in range(2)]
        closed: list[float] = []
        closers = [
            threading.Thread(target=close_later, args=(camera, delay, closed)) for delay in delays
        ]
        for closer in closers:
            closer.start()
        frames = list(camera)
        ended = time.monotonic()
        for closer in closers:
            closer.join()
        assert ended - min(closed) < SLOWEST
        assert [frame.index for frame in frames] == list(range(len(frames)))
        cut_short += len(frames) < 30
    assert cut_short > 0
    assert descriptors() == before
    assert threading.active_count() <= threads


def test_closed_by_a_signal_at_any_moment(video: Path) -> None:
    chance = random.Random(1)
    before, cut_short = descriptors(), 0
    held: list[Camera] = []
    handler = signal.signal(signal.SIGALRM, lambda *_: held[0].close())
    try:
        for _ in range(TIMES // 4):
            held[:] = [open_camera(video)]
            signal.setitimer(signal.ITIMER_REAL, 1e-5 + chance.random() * LATEST)
            frames = list(held[0])
            signal.setitimer(signal.ITIMER_REAL, 0)
            held[0].close()
            assert [frame.index for frame in frames] == list(range(len(frames)))
            cut_short += len(frames) < 30
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
    assert cut_short > 0
    held.clear()
    assert descriptors() == before


def test_after_an_interrupt_at_any_moment_it_goes_on_or_says_that_it_cannot(video: Path) -> None:
    chance = random.Random(2)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    handler = signal.signal(signal.SIGALRM, interrupt)
    outcomes = {"went on": 0, "said so": 0}
    try:
        for _ in range(TIMES // 4):
            with open_camera(video) as camera:
                frames: list[int] = []
                try:
                    signal.setitimer(signal.ITIMER_REAL, 1e-5 + chance.random() * LATEST)
                    frames += (frame.index for frame in camera)
                    signal.setitimer(signal.ITIMER_REAL, 0)
                except KeyboardInterrupt:
                    seen = len(frames)
                    try:
                        frames += (frame.index for frame in camera)
                        # One frame may have been on its way to the list.
                        assert len(frames) >= 29
                        assert frames[-1] >= 28
                        outcomes["went on"] += 1
                    except CameraError as error:
                        assert "interrupted in the middle of a frame" in str(error)
                        outcomes["said so"] += 1
                    assert frames[:seen] == list(range(seen))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
    assert sum(outcomes.values()) > 0


def test_ffmpeg_calls_nothing_of_a_recording_in_which_an_interrupt_is_lost(video: Path) -> None:
    # What a callback in Python raises while FFmpeg searches is printed, and gone.
    with video.open("rb") as opened:
        file = RecordingFile(opened)
        for method in (file.read, file.seek, file.tell):
            assert isinstance(method, types.BuiltinMethodType)


def close_later(camera: Camera, delay: float, closed: list[float]) -> None:
    time.sleep(delay)
    closed.append(time.monotonic())
    camera.close()
