"""A system that has no thread left: an error in words, nothing left behind, and later all works."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable
from functools import partial

import pytest

from fer_edge import CameraError
from fer_edge.command.stop import Stop, Stopped
from fer_edge.live import LiveReading, Retry, Stream
from tests.runtime.faulty import Scripted
from tests.runtime.leaks import held, is_more, settled
from tests.runtime.painted import Believing, Painted, paint

PICTURE = paint(Painted(10, 40, "happy"))
Refuse = Callable[[Callable[[str], bool]], None]


@pytest.fixture
def refuse(monkeypatch: pytest.MonkeyPatch) -> Refuse:
    """Lets threads of some names not start, as the system does."""
    start = threading.Thread.start

    def set_up(refused: Callable[[str], bool]) -> None:
        def attempt(self: threading.Thread) -> None:
            if refused(self.name):
                raise RuntimeError("can't start new thread")
            start(self)

        monkeypatch.setattr(threading.Thread, "start", attempt)

    return set_up


def stream_of(then: str, retry: Retry | None = None) -> Stream:
    return Stream(partial(Scripted, 30, then, PICTURE), Believing(), retry=retry)


@pytest.mark.parametrize("name", ["capture", "stream", "handlers"])
def test_a_stream_without_a_thread_is_an_error_in_words(name: str, refuse: Refuse) -> None:
    before = held()
    stream = stream_of("ends")
    stream.on("appear")(lambda _: None)
    refuse(lambda thread: thread.startswith(name))
    with pytest.raises(CameraError, match="cannot be read: can't start new thread"), stream:
        pass
    assert stream.ended
    assert isinstance(stream.error, CameraError)
    with pytest.raises(CameraError, match="can't start new thread"):
        stream.start()
    assert not is_more(settled(before), before)


def test_a_lack_of_threads_is_a_fault_that_passes(refuse: Refuse) -> None:
    begun = []

    def refused(thread: str) -> bool:
        begun.append(thread)
        return thread.startswith("capture") and sum(t.startswith("capture") for t in begun) == 2

    refuse(refused)
    with stream_of("dies", Retry(initial=0.001, maximum=0.002)) as stream:
        events = stream.events("interrupted", "resumed")
        assert [next(events).kind for _ in range(2)] == ["interrupted", "resumed"]


def test_an_event_loop_without_threads_waits_itself_and_closes(refuse: Refuse) -> None:
    stream, given = stream_of("ends"), list[LiveReading]()

    async def read() -> None:
        async with stream:
            async for reading in stream:
                given.append(reading)

    refuse(lambda thread: "asyncio" in thread)
    with pytest.raises(CameraError, match="ended"):
        asyncio.run(read())
    assert given
    assert stream.ended


def test_a_command_without_a_thread_to_close_with_is_asked_to_end_all_the_same(
    refuse: Refuse,
) -> None:
    stop, camera = Stop(), stream_of("ends")
    with stop.closing(camera):
        refuse(lambda _: True)
        stop.ask(signal.SIGINT)
        assert stop.signal == signal.SIGINT
        with pytest.raises(Stopped):
            stop.check()
