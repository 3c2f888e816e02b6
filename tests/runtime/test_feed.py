"""A source that fails in every way is told, closed, and opened again; or its error is raised."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from fer_edge import BackendMissingError, Camera, CameraError, CameraTimeoutError, Frame
from fer_edge.cameras.request import Request
from fer_edge.live.frames.fault import Fault
from fer_edge.live.frames.feed import Feed
from fer_edge.live.frames.frame_source import frame_source
from fer_edge.live.frames.newest import Taken
from fer_edge.live.frames.retry import Retry
from tests.runtime.faulty import PICTURE, RUBBISH, Scripted, Sequence

QUICK = Retry(initial=0.01, maximum=0.02)


def feed_of(
    source: Any,
    retry: Retry | None = QUICK,
    realtime: bool | None = None,
    frame_timeout: float = 0.2,
    open_timeout: float = 5.0,
) -> Feed:
    return Feed(
        frame_source(source, Request(realtime=realtime)), retry, frame_timeout, open_timeout
    )


def until_fault(feed: Feed) -> tuple[int, Fault]:
    """How many frames came before the next fault, and that."""
    frames = 0
    while isinstance(found := feed.next(), Taken):
        frames += 1
    assert isinstance(found, Fault), found
    return frames, found


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    before = threading.active_count()
    Scripted.opened = Scripted.released = 0
    yield
    until = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < until:
        time.sleep(0.01)
    assert threading.active_count() <= before
    assert Scripted.opened == Scripted.released


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


def test_a_source_that_freezes_is_told_about_in_time() -> None:
    feed = feed_of(Sequence(partial(Scripted, 3, "freezes")), frame_timeout=0.3)
    feed.start()
    until_fault(feed)
    last = feed._liveness._good
    # The issue allows half a second; a busy machine gets the rest.
    assert 0.3 <= time.monotonic() - last < 2.3
    feed.close()


def test_a_source_that_is_gone_at_the_start_is_an_error() -> None:
    feed = feed_of(Sequence())
    with pytest.raises(CameraError, match="no camera any more"):
        feed.start()


def test_a_source_that_opens_and_never_gives_a_frame_is_one_too() -> None:
    feed = feed_of(Sequence(partial(Scripted, 0, "dies")))
    feed.start()
    with pytest.raises(CameraError, match="it died"):
        feed.next()
    feed.close()
    silent = feed_of(Sequence(partial(Scripted, 0, "freezes")), open_timeout=0.05)
    silent.start()
    with pytest.raises(CameraTimeoutError, match=r"no frame for 0\.05 s"):
        silent.next()
    silent.close()


def test_unless_it_is_to_be_waited_for() -> None:
    cameras: list[Callable[[], Camera]] = []

    def source() -> Camera:
        if not cameras:
            raise CameraError("not yet")
        return cameras[0]()

    feed = feed_of(source, Retry(0.01, 0.02, at_start=True))
    feed.start()
    assert feed.next() == Fault("not yet")
    threading.Timer(0.1, cameras.append, [partial(Scripted, 1, "freezes")]).start()
    assert isinstance(feed.next(), Taken)
    feed.close()
    assert feed.openings.join(5)


def test_what_no_attempt_can_mend_is_raised_at_once() -> None:
    def source() -> Camera:
        raise BackendMissingError("install it")

    with pytest.raises(BackendMissingError):
        feed_of(source, Retry(0.01, 0.02, at_start=True)).start()


def test_an_opening_that_never_ends_is_an_error() -> None:
    gate = threading.Event()

    def source() -> Camera:
        gate.wait()
        return Scripted(1, "ends")

    with pytest.raises(CameraTimeoutError, match="could not be opened"):
        feed_of(source, open_timeout=0.01).start()
    gate.set()


@pytest.mark.parametrize("retry", [None, Retry(attempts=0)])
def test_without_retries_the_error_is_raised(retry: Retry | None) -> None:
    feed = feed_of(Sequence(partial(Scripted, 0, "dies")), retry)
    feed.start()
    with pytest.raises(CameraError, match="it died"):
        feed.next()
    feed.close()


@pytest.mark.parametrize("retry", [None, Retry(attempts=0)])
def test_without_retries_the_end_is_the_end(retry: Retry | None) -> None:
    feed = feed_of(Sequence(partial(Scripted, 1, "ends")), retry)
    feed.start()
    assert isinstance(feed.next(), Taken)
    assert feed.next() is None
    feed.close()


def test_after_so_many_attempts_it_gives_up() -> None:
    source = Sequence(partial(Scripted, 1, "dies"))
    feed = feed_of(source, Retry(0.01, 0.02, attempts=3))
    feed.start()
    assert until_fault(feed) == (1, Fault("it died"))
    with pytest.raises(CameraError, match="no camera any more"):
        feed.next()
    assert len(source.attempts) == 4
    feed.close()


def test_waits_grow() -> None:
    source = Sequence(partial(Scripted, 1, "dies"))
    feed = feed_of(source, Retry(0.02, 1, attempts=5))
    feed.start()
    until_fault(feed)
    with pytest.raises(CameraError):
        feed.next()
    waits = [b - a for a, b in zip(source.attempts[1:], source.attempts[2:], strict=False)]
    assert all(wait >= least for wait, least in zip(waits, (0.04, 0.08, 0.16, 0.32), strict=True))
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
        feed = feed_of(source, Retry(60, 60))
        feed.start()
        for _ in range(faults):
            until_fault(feed)
        threading.Timer(0.05, feed.close).start()
        began = time.monotonic()
        while isinstance(feed.next(), Taken):
            pass
        assert time.monotonic() - began < 5
        assert feed.openings.join(5)
