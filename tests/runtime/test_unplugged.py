"""The usual camera of one's own: OpenCV's loop, which gives None once it is unplugged."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator

import pytest

from fer_edge.live import Retry
from fer_edge.pictures.image import Image
from tests.runtime.painted import paint
from tests.runtime.painted_streams import LEFT, stream_of

pytestmark = pytest.mark.usefixtures("_nothing_is_left")


def test_its_generator_ends_before_it_is_opened_again() -> None:
    """A device that only one may hold comes back then."""
    held, plugged = threading.Lock(), threading.Event()
    plugged.set()

    def frames() -> Iterator[Image | None]:
        if not held.acquire(blocking=False):
            raise OSError("Device or resource busy")
        try:
            while True:
                time.sleep(0.01)
                yield paint(LEFT) if plugged.is_set() else None
        finally:
            held.release()

    retry = Retry(initial=0.05, maximum=0.05)
    with stream_of(frames, realtime=True, frame_timeout=0.2, retry=retry) as stream:
        readings = iter(stream)
        next(readings)
        plugged.clear()
        events = stream.events("interrupted", "resumed")
        assert next(events).kind == "interrupted"
        plugged.set()
        assert next(events).kind == "resumed"
        assert stream.stats().reopened == 1


def test_the_first_attempt_that_fails_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    openings = 0

    def frames() -> Iterator[Image]:
        nonlocal openings
        openings += 1
        if openings > 1:
            raise (OSError if openings < 4 else RuntimeError)("Device or resource busy")
        yield paint(LEFT)
        yield paint(LEFT)

    stream = stream_of(frames, realtime=True, retry=Retry(initial=0.01, maximum=0.01, attempts=4))
    with caplog.at_level(logging.INFO), pytest.raises(RuntimeError, match="busy"):
        stream.run()
    levels = [one.levelname for one in caplog.records if "opening it again" in one.getMessage()]
    assert levels == ["INFO", "WARNING", "INFO", "INFO"]
    assert "frames: RuntimeError: Device or resource busy; opening it again" in caplog.text
    # `run` raises what it ended with, and does not log it, too.
    assert not [one for one in caplog.records if one.levelno >= logging.ERROR]
