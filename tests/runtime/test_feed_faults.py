"""A feed tells each fault of its source, closes it and opens it again."""

from __future__ import annotations

import queue
import threading
import time
import types
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from fer_edge import Camera, CameraError, Frame
from fer_edge.cameras.request import Request
from fer_edge.live.frames.fault import Fault
from fer_edge.live.frames.feed import Feed
from fer_edge.live.frames.frame_source import frame_source
from fer_edge.live.frames.liveness import Liveness
from fer_edge.live.frames.newest import Taken
from fer_edge.live.frames.retry import Retry
from tests.runtime.faulty import PICTURE, RUBBISH, Scripted, Sequence
from tests.runtime.feeds import feed_of, until_fault

# The last one ends first: threads give cameras back.
pytestmark = pytest.mark.usefixtures("_cameras_are_given_back", "_nothing_is_left")


@pytest.mark.parametrize(
    ("then", "reason"),
    [
        ("dies", "it died"),
        ("ends", "ended"),
        ("freezes", "no frame for 0.2 s"),
        ("crashes", "it crashed"),
    ],
)
def test_each_fault_is_told_and_the_source_opened_again(then: str, reason: str) -> None:
    source = Sequence(
        partial(Scripted, 5, then), partial(Scripted, 5, then), partial(Scripted, 5, "freezes")
    )
    feed = feed_of(source)
    feed.start()
    for _ in range(2):
        frames, fault = until_fault(feed)
        assert 1 <= frames <= 5
        assert reason in fault.reason
    assert isinstance(feed.next(), Taken)
    assert feed.reopened == 2
    assert len(source.attempts) == 3
    feed.close()
    assert feed.next() is None
    assert feed.openings.join(5)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (queue.Empty(), "Empty"),
        (OSError("unplugged\nsecond line"), "unplugged second line"),
    ],
)
def test_a_reason_is_one_line_and_never_empty(error: Exception, reason: str) -> None:
    def given() -> Iterator[Frame]:
        yield Frame(PICTURE, time.monotonic())
        raise error

    feed = Feed(frame_source(given, Request(realtime=True)), Retry(initial=9), 1.0, 1.0)
    feed.start()
    assert until_fault(feed)[1].reason == reason
    feed.close()
    assert feed.openings.join(5)


def test_pictures_that_cannot_be_read_are_no_sign_of_life() -> None:
    feed = feed_of(Sequence(partial(Scripted, 3, "rubbish"), partial(Scripted, 3, "freezes")))
    feed.start()
    found: list[Fault] = []
    while not found:
        taken = feed.next()
        if isinstance(taken, Fault):
            found.append(taken)
        elif taken is not None and taken.frame.image.shape == RUBBISH.shape:
            feed.refuse()
    assert "no picture that can be read for 0.2 s" in found[0].reason
    feed.close()
    assert feed.openings.join(5)


def test_one_picture_that_cannot_be_read_takes_no_sign_of_life_from_those_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [0.0]
    clock = types.SimpleNamespace(monotonic=lambda: now[0])
    monkeypatch.setattr("fer_edge.live.frames.liveness.time", clock)
    liveness = Liveness(frame_timeout=2.0, open_timeout=5.0)
    liveness.begin()
    for now[0] in (1.0, 2.0, 3.0, 4.0):
        liveness.frame()
    liveness.refuse()
    assert (liveness.left(), liveness.is_overdue()) == (1.0, False)
    now[0] = 4.5
    liveness.frame()
    liveness.refuse()
    assert liveness.left() == 0.5
    now[0] = 5.0
    assert liveness.is_overdue()
    liveness.frame()
    assert (liveness.left(), liveness.is_overdue()) == (2.0, False)


def test_a_source_that_freezes_is_told_about_in_time() -> None:
    feed = feed_of(Sequence(partial(Scripted, 3, "freezes")), frame_timeout=0.3)
    feed.start()
    until_fault(feed)
    last = feed._liveness._good
    # The issue allows half a second; a busy machine gets the rest.
    assert 0.3 <= time.monotonic() - last < 2.3
    feed.close()


def test_an_open_camera_that_freezes_may_come_back_by_itself() -> None:
    gate = threading.Event()

    def frames() -> Iterator[Frame]:
        yield Frame(PICTURE, 0.0, 0)
        gate.wait()
        yield Frame(PICTURE, 1.0, 1)

    feed = feed_of(frames(), realtime=True)
    feed.start()
    assert until_fault(feed)[0] == 1
    threading.Timer(0.3, gate.set).start()
    assert isinstance(feed.next(), Taken)
    assert feed.next() is None
    assert feed.reopened == 0
    feed.close()


def test_an_iterable_that_waits_for_the_consumer_is_waited_for() -> None:
    def frames() -> Iterator[Frame]:
        for index in range(3):
            time.sleep(0.3)
            yield Frame(PICTURE, float(index), index)

    feed = feed_of(frames())
    feed.start()
    assert [type(feed.next()) for _ in range(4)] == [Taken, Taken, Taken, type(None)]
    feed.close()


def test_closing_ends_every_state() -> None:
    states: list[tuple[Callable[[], Camera], int]] = [
        (Sequence(partial(Scripted, 5, "freezes")), 0),
        (Sequence(partial(Scripted, 5, "freezes")), 1),
        (Sequence(partial(Scripted, 5, "dies")), 1),
    ]
    for source, faults in states:
        feed = feed_of(source, Retry(initial=60, maximum=60))
        feed.start()
        for _ in range(faults):
            until_fault(feed)
        threading.Timer(0.05, feed.close).start()
        began = time.monotonic()
        while isinstance(feed.next(), Taken):
            pass
        assert time.monotonic() - began < 5
        assert feed.openings.join(5)


def test_a_frame_that_comes_too_late_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    late = iter([False, True])
    feed = feed_of(Sequence(partial(Scripted, 2, "freezes"), partial(Scripted, 3, "freezes")))
    monkeypatch.setattr(feed._liveness, "is_overdue", lambda: next(late, False))
    feed.start()
    assert until_fault(feed)[0] == 1
    assert feed.openings.dropped == 1
    found = feed.next()
    assert isinstance(found, Taken)
    assert found.dropped >= 1
    feed.close()


def test_what_one_opening_left_out_is_told_with_the_next_ones_first_frame() -> None:
    def source() -> Iterator[Any]:
        yield Frame(PICTURE, 0.0, 0)
        yield from (None, None, None)
        if not begun:
            begun.append(True)
            raise CameraError("gone")
        gate.wait(10)

    begun, gate = list[bool](), threading.Event()
    feed = feed_of(source, realtime=True)
    feed.start()
    told = list[int]()
    while len(told) < 2:
        found = feed.next()
        told += [found.dropped] if isinstance(found, Taken) else []
    assert sum(told) >= 3
    gate.set()
    feed.close()
