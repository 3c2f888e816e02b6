"""Times of readings and events are those of the exposure, not of when they were made."""

from __future__ import annotations

import time

import numpy as np
import pytest

import fer_edge
from fer_edge.face import Box
from fer_edge.frame import Frame
from fer_edge.live import Stream, Tracker
from tests.runtime.painted import Faceless
from tests.runtime.scripted import PICTURE, Actor, Scripted, always, frame, times

LATE = 60.0
"""Seconds from the exposure until a frame comes: a busy machine adds a few at most."""
SLACK = 20.0
BOX = Box(100, 100, 80, 90)


def test_a_tracker_tells_when_on_the_wall_a_frame_was_taken() -> None:
    tracker, start = Tracker(Scripted(always(Actor(BOX)))), time.monotonic() - LATE
    found = [tracker(frame(at, clock="monotonic")) for at in times(1, start=start)]
    began = time.time() - LATE
    events = [event for _, told in found for event in told]
    assert [event.kind for event in events] == ["appear", "change"]
    for wall in (*(reading.wall_time for reading, _ in found), *(one.wall_time for one in events)):
        assert wall == pytest.approx(began, abs=SLACK)


def test_a_recognizer_tells_when_on_the_wall_a_frame_was_taken(
    recognizer: fer_edge.Recognizer,
) -> None:
    image = np.zeros((48, 64, 3), np.uint8)
    late = recognizer(Frame(image, time.monotonic() - LATE))
    assert late.wall_time == pytest.approx(time.time() - LATE, abs=SLACK)
    # Of a clock that cannot be asked, the time now is all that is known.
    other = recognizer(Frame(image, 7.0, clock="external"))
    assert other.wall_time == pytest.approx(time.time(), abs=SLACK)


def test_the_age_of_the_latest_reading_counts_from_the_exposure() -> None:
    def late() -> list[Frame]:
        return [Frame(PICTURE, time.monotonic() - LATE, index) for index in range(2)]

    with Stream(late(), Faceless()) as stream:
        assert len(list(stream)) == 2
        assert stream.latest(max_age=LATE / 2) is None
        assert stream.latest(max_age=LATE * 1000) is not None
