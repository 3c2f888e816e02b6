"""A stream calls its handlers, and refuses those that it could not call."""

from __future__ import annotations

import logging
import threading
import time

import pytest

from fer_edge import ArgumentError
from fer_edge.live import Event
from tests.runtime.painted import Painted
from tests.runtime.painted_streams import LEFT, VISIT, live, recording, stream_of, told

pytestmark = pytest.mark.usefixtures("_nothing_is_left")


def test_run_calls_handlers_and_returns_at_the_end() -> None:
    stream = stream_of(VISIT)
    found: list[Event] = []
    greeted: list[Event] = []
    stream.on("appear", "leave")(found.append)
    stream.on("change")(found.append)

    @stream.when("happy", hold_time=0.5, once_per_track=True)
    def greet(event: Event) -> None:
        greeted.append(event)

    stream.run()
    kinds = [event.kind for event in found]
    assert sorted(kinds) == ["appear"] * 2 + ["change"] * 2 + ["leave"] * 2
    assert [told(event) for event in greeted] == [("held", 1, None, "happy")]
    assert greeted[0].held is not None
    assert 0.5 <= greeted[0].held < 0.6
    assert greeted[0].face is not None


def test_handlers_alone_are_consumers_too() -> None:
    stream = stream_of(VISIT)
    gone = threading.Event()
    stream.on("leave")(lambda event: gone.set() if event.reason == "ended" else None)
    with stream:
        assert gone.wait(30)


def test_when_tells_again_after_another_label_unless_once() -> None:
    happy, sad = Painted(10, 40, "happy"), Painted(10, 40, "sad")
    frames = recording((40, (happy,)), (40, (sad,)), (40, (happy,)))
    stream = stream_of(frames)
    each: list[Event] = []
    once: list[Event] = []
    stream.when("happy", hold_time=0.3)(each.append)
    stream.when("happy", hold_time=0.3, once_per_track=True)(once.append)
    stream.run()
    assert len(each) == 2
    assert len(once) == 1


def test_what_a_handler_raises_is_logged_and_not_fatal(caplog: pytest.LogCaptureFixture) -> None:
    stream = stream_of(VISIT)
    found: list[str] = []

    @stream.on()
    def fails(event: Event) -> None:
        found.append(event.kind)
        raise SystemExit("no") if event.kind == "leave" else ValueError("broken")

    with caplog.at_level(logging.ERROR):
        stream.run()
    assert len(found) == 6
    assert "fails" in caplog.text
    assert "broken" in caplog.text


def test_a_handler_may_close_the_stream() -> None:
    stream = stream_of(live(LEFT), realtime=True)
    stream.on("appear")(lambda _: stream.close())
    began = time.monotonic()
    stream.run()
    assert time.monotonic() - began < 10


def test_consumers_that_would_wait_for_ever_are_refused() -> None:
    async def coroutine(event: Event) -> None: ...

    stream = stream_of(VISIT)
    with pytest.raises(ArgumentError, match="kind of event"):
        stream.on("appeared")
    with pytest.raises(ArgumentError, match="kind of event"):
        stream.events("happy")
    with pytest.raises(ArgumentError, match="kind of event"):
        stream.on(print)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="coroutine"):
        stream.on()(coroutine)
    with pytest.raises(ArgumentError, match="function"):
        stream.on()("print")  # type: ignore[type-var]
    for wrong in (-1, float("inf"), "1"):
        with pytest.raises(ArgumentError, match="hold_time"):
            stream.when("happy", hold_time=wrong)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="label"):
        stream.when(1)  # type: ignore[arg-type]
