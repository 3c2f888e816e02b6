"""A feed tries to open its source as often as it may, and then raises the error."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

import pytest

from fer_edge import BackendMissingError, Camera, CameraError, CameraTimeoutError
from fer_edge.live.frames.fault import Fault
from fer_edge.live.frames.newest import Taken
from fer_edge.live.frames.retry import Retry
from tests.runtime.faulty import Scripted, Sequence
from tests.runtime.feeds import feed_of, until_fault
from tests.runtime.scripted import PICTURE

# The last one ends first: threads give cameras back.
pytestmark = pytest.mark.usefixtures("_cameras_are_given_back", "_nothing_is_left")


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

    feed = feed_of(source, Retry(initial=0.01, maximum=0.02, at_start=True))
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
        feed_of(source, Retry(initial=0.01, maximum=0.02, at_start=True)).start()


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
def test_without_retries_a_camera_that_ends_is_a_fault(retry: Retry | None) -> None:
    feed = feed_of(Sequence(partial(Scripted, 1, "ends")), retry)
    feed.start()
    assert isinstance(feed.next(), Taken)
    with pytest.raises(CameraError, match="ended"):
        feed.next()
    feed.close()


@pytest.mark.parametrize("retry", [None, Retry(initial=0.01, maximum=0.02)])
def test_frames_that_are_given_may_end(retry: Retry | None) -> None:
    for realtime in (True, False):
        feed = feed_of((picture for picture in [PICTURE]), retry, realtime=realtime)
        feed.start()
        assert isinstance(feed.next(), Taken)
        assert feed.next() is None
        feed.close()


def test_after_so_many_attempts_it_gives_up() -> None:
    source = Sequence(partial(Scripted, 1, "dies"))
    feed = feed_of(source, Retry(initial=0.01, maximum=0.02, attempts=3))
    feed.start()
    assert until_fault(feed) == (1, Fault("it died"))
    with pytest.raises(CameraError, match="no camera any more"):
        feed.next()
    assert len(source.attempts) == 4
    feed.close()


def test_waits_grow() -> None:
    source = Sequence(partial(Scripted, 1, "dies"))
    feed = feed_of(source, Retry(initial=0.02, maximum=1, attempts=5))
    feed.start()
    until_fault(feed)
    with pytest.raises(CameraError):
        feed.next()
    waits = [b - a for a, b in zip(source.attempts[1:], source.attempts[2:], strict=False)]
    assert all(wait >= least for wait, least in zip(waits, (0.04, 0.08, 0.16, 0.32), strict=True))
    feed.close()
