"""What a stream becomes whose source is opened later, or again."""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from fer_edge import CameraError, Frame, Retry, Stream
from fer_edge.cameras.request import Request
from fer_edge.live.frames.frame_source import frame_source
from fer_edge.live.frames.openings import Openings
from tests.runtime.faulty import Scripted, Sequence
from tests.runtime.painted import Believing, paint
from tests.runtime.painted_streams import LEFT, VISIT, live, stream_of

pytestmark = pytest.mark.usefixtures("_nothing_is_left")

AT_ONCE = Retry(initial=0.01, maximum=0.01, at_start=True)


def test_a_recording_that_is_there_only_later_is_read_whole_too() -> None:
    calls = itertools.count()

    def open_it() -> list[Frame]:
        if not next(calls):
            raise OSError("not there yet")
        return VISIT

    with stream_of(open_it, realtime=False, retry=AT_ONCE) as stream:
        given = []
        for reading in stream:
            given.append(reading.frame_index)
            time.sleep(0.002)
    assert given == list(range(len(VISIT)))
    assert next(calls) == 2


class Slow(Believing):
    def detect(self, frame: Frame, within: Any = None) -> Any:
        time.sleep(0.01)
        return super().detect(frame, within)


def test_what_was_left_out_is_counted_over_all_openings() -> None:
    """Each of three openings gives thirty frames, faster than they are read."""
    openings = itertools.count()

    def open_it() -> Iterator[Frame]:
        if next(openings) == 3:
            raise OSError("gone")
        return live(LEFT, interval=0.001, limit=30)

    stream = Stream(
        open_it,
        Slow(),
        realtime=True,
        detect_every=0,
        retry=Retry(initial=0.01, maximum=0.01, attempts=3),
    )
    counts = list[int]()
    stream.on()(lambda event: counts.append(stream.stats().dropped))
    with pytest.raises(CameraError, match="gone"):
        stream.run()
    stats = stream.stats()
    assert stats.readings + stats.dropped == 3 * 30
    assert stats.dropped > 30
    assert counts == sorted(counts)


class Skipping(Scripted):
    """Could not read two pictures, and dies after three frames."""

    def __init__(self) -> None:
        super().__init__(3, "dies", paint(LEFT))
        self.skipped = 2


def test_what_cameras_could_not_read_is_counted_over_all_openings() -> None:
    source = Sequence(Skipping, Skipping, Skipping)
    stream = stream_of(source, retry=Retry(initial=0.01, maximum=0.01, attempts=3))
    with pytest.raises(CameraError, match="no camera any more"):
        stream.run()
    assert stream.stats().skipped == 6


@pytest.mark.usefixtures("_cameras_are_given_back")
def test_no_figure_falls_while_a_camera_is_closed() -> None:
    told = list[int]()

    class Asking(Skipping):
        def _interrupt(self) -> None:
            told.append(openings.skipped)
            super()._interrupt()

    openings = Openings(frame_source(Asking, Request()))
    assert openings.begin().wait_open(10)
    openings.retire()
    assert told
    assert set(told) == {openings.skipped} == {2}
    assert openings.join(10)


@pytest.mark.usefixtures("_cameras_are_given_back")
def test_a_camera_whose_opening_begins_while_the_stream_is_closed_is_given_back() -> None:
    openings = Openings(frame_source(lambda: Scripted(0, "freezes"), Request()))
    # What closes sees no camera yet; what opens does not know yet that it was closed.
    openings.close()
    openings.begin()
    assert openings.join(10)


def test_a_camera_that_ends_is_an_error_without_retries() -> None:
    for retry in (None, Retry(attempts=0)):
        stream = stream_of(lambda: live(LEFT, limit=5), realtime=True, retry=retry)
        with pytest.raises(CameraError, match="ended"):
            list(stream.events())


def test_a_reopening_is_logged_with_one_name(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), pytest.raises(CameraError):
        list(
            stream_of(
                lambda: live(LEFT, limit=3),
                realtime=True,
                retry=Retry(initial=0.01, maximum=0.01, attempts=1),
            )
        )
    line = next(line for line in caplog.messages if "opening it again" in line)
    assert line == "<lambda> ended; opening it again in 0.01 s"


def test_waits_may_be_numpys() -> None:
    short: Any = np.float32(0.01)
    retry = Retry(initial=short, maximum=short, attempts=1)
    stream = stream_of(
        lambda: live(LEFT, limit=3),
        realtime=True,
        retry=retry,
        open_timeout=np.float32(2),
        frame_timeout=np.float32(2),
    )
    with pytest.raises(CameraError):
        list(stream)


def test_who_comes_during_an_interruption_is_told_of_it() -> None:
    with stream_of(live(LEFT), realtime=True) as stream:
        events = stream.events("interrupted")
        stream.pause()
        next(events)
        assert next(stream.events("interrupted")).reason == "paused"
        stream.resume()
        assert next(stream.events("resumed")).kind == "resumed"
        assert stream.events("interrupted").get(timeout=0.1) is None


def test_a_recording_that_pauses_closes_at_once() -> None:
    stream = stream_of(VISIT)
    with stream:
        events = stream.events("interrupted")
        stream.pause()
        next(events)
        began = time.monotonic()
        stream.close()
        assert time.monotonic() - began < 0.5
    assert not [one for one in threading.enumerate() if one.name.startswith("stream ")]
