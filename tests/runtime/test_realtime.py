"""Recordings at their own speed."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from fer_edge import open_camera
from fer_edge.cameras.closing import Closing
from fer_edge.cameras.playback import Pace
from tests.runtime.videos import pictures, write_video


def test_a_recording_takes_its_time(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", pictures(10), times=[n * 50 for n in range(10)])
    with open_camera(path, realtime=True) as camera:
        began, frames, ages = time.monotonic(), [], []
        for frame in camera:
            frames.append(frame)
            ages.append(frame.age)
    assert time.monotonic() - began >= 0.45
    assert {(frame.clock, frame.moment) for frame in frames} == {("monotonic", "arrival")}
    # Never before it is due, and due as far apart as it was recorded.
    assert all(age is not None and age >= 0 for age in ages)
    times = [frame.timestamp - frames[0].timestamp for frame in frames]
    assert times == pytest.approx([n * 0.05 for n in range(10)], abs=0.002)


def test_the_sample_takes_its_time_too() -> None:
    with open_camera("sample", realtime=True) as camera:
        first, second = next(camera), next(camera)
    assert second.timestamp - first.timestamp == pytest.approx(1 / 30)
    assert first.clock == "monotonic"


def test_closing_ends_a_long_pause(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mkv", pictures(3), times=[0, 33, 600_000])
    with open_camera(path, realtime=True) as camera:
        threading.Timer(0.2, camera.close).start()
        assert len(list(camera)) == 2


def test_frames_that_are_asked_for_late_come_at_once() -> None:
    pace = Pace(Closing())
    first = pace.wait_for(5.0)
    time.sleep(0.05)
    began = time.monotonic()
    assert pace.wait_for(5.01) == pytest.approx(first + 0.01)
    assert pace.wait_for(5.02) < began


def test_a_recording_that_begins_late_is_not_waited_for() -> None:
    closing = Closing()
    # Nothing is waited for any more: what is looked at is when the position was due.
    closing.set()
    assert Pace(closing).wait_for(3600.0) == pytest.approx(time.monotonic(), abs=60)
