"""However slow the consumer is, what it is given is fresh, given once, and the rest is counted."""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from fer_edge.live import LiveReading, Tracker
from fer_edge.live.delivery.newest_reading import NewestReading
from fer_edge.live.frame_intake import FrameIntake
from fer_edge.live.frames.newest import Taken
from fer_edge.live.stream import Stream
from tests.runtime import barcode
from tests.runtime.feeds import feed_of
from tests.runtime.painted import Faceless
from tests.runtime.scripted import PICTURE, frame

FPS = 30.0
WORK = (0.0, 0.0, 0.01, 0.05, 0.1, 0.0, 0.3, 0.02, 1.0, 0.2)
"""Seconds that the consumer takes for one reading after the other."""
SECONDS = 6.0
LATE = 0.35
"""Seconds that a fresh frame may be old here. A frame and 20 ms are allowed, as
tests/measure/lateness.py shows; a machine that is busy with other things needs more. A stream that
queues is late by as long as the consumer took: by seconds."""


@contextlib.contextmanager
def source_of(kind: str, folder: Path) -> Iterator[str]:
    with barcode.fifo(folder / "pipe", FPS) if kind == "fifo" else barcode.server(FPS) as source:
        yield source


def test_a_barcode_survives_jpeg() -> None:
    for number in (0, 1, 123_456_789_012, 2**63 - 1):
        _, data = cv2.imencode(".jpg", barcode.encoded(number))
        picture = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
        assert barcode.decoded(picture) == number


@pytest.mark.parametrize("kind", ["fifo", "http"])
def test_a_slow_consumer_gets_fresh_frames(kind: str, tmp_path: Path) -> None:
    ages, readings = [], []
    # The sender is a program of its own: on a busy machine it needs its time to start.
    with source_of(kind, tmp_path) as source, Stream(source, Faceless(), open_timeout=60) as stream:
        work = itertools.cycle(WORK)
        for reading in stream:
            ages.append(time.monotonic() - barcode.sent_at(reading.frame.image))
            readings.append(_without_picture(reading))
            if readings[-1][1] - readings[0][1] > SECONDS:
                break
            time.sleep(next(work))
        stats = stream.stats()
    # The first is as old as the opening took.
    assert np.percentile(ages[1:], 95) <= LATE
    indices = [index for index, _, _ in readings]
    assert indices == sorted(set(indices))
    for (earlier, _, _), (later, _, dropped) in itertools.pairwise(readings):
        assert later - earlier == 1 + dropped
    # Frames a second that came in: none waited in a pipe.
    assert indices[-1] - indices[0] >= 0.5 * FPS * SECONDS
    assert stats.readings + stats.dropped >= indices[-1]


def test_a_reading_counts_the_frames_that_were_left_out_before_it() -> None:
    intake = FrameIntake(feed_of([PICTURE]), Tracker(Faceless()), "a test")

    def dropped(taken: Taken) -> int:
        reading, _ = intake.track(taken)
        assert reading is not None
        return reading.dropped

    told = [dropped(Taken(frame(0.0), 0))]
    # As during a pause; newer frames took the place of others before the second.
    intake.leave_out(Taken(frame(0.1), 0))
    intake.leave_out(Taken(frame(0.5), 3))
    told += [dropped(Taken(frame(0.8), 2)), dropped(Taken(frame(0.9), 0))]
    assert told == [0, 1 + 4 + 2, 0]
    assert intake.stats().dropped == 2


def test_readings_that_nobody_took_are_counted_with_what_they_had_left_out() -> None:
    tracker, newest = Tracker(Faceless()), NewestReading()
    for at, dropped in enumerate((1, 2, 4)):
        newest.put(tracker(frame(float(at)), dropped=dropped)[0], patient=False)
    taken = newest.take(0)
    assert taken is not None
    assert (taken.sequence, taken.dropped) == (2, 1 + 1 + 2 + 1 + 4)
    newest.put(tracker(frame(3.0), dropped=5)[0], patient=False)
    assert (taken := newest.take(0)) is not None
    assert taken.dropped == 5


def _without_picture(reading: LiveReading) -> tuple[int, float, int]:
    return reading.frame_index, reading.exposed_at, reading.dropped
