"""What consumers are told when a stream ends with an error."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any

import pytest

from fer_edge import ArgumentError, CameraError, FerEdgeError, Frame
from fer_edge.live import Event
from fer_edge.live.stream import Stream
from tests.runtime.painted import Believing
from tests.runtime.painted_streams import LEFT, VISIT, live, stream_of


class Failing(Believing):
    def detect(self, frame: Frame, within: Any = None) -> Any:
        raise ZeroDivisionError("in the detector")


def length(trace: TracebackType | None) -> int:
    """How many calls a traceback holds."""
    return 0 if trace is None else 1 + length(trace.tb_next)


ASKING: dict[str, Callable[[Stream], Callable[[], Any]]] = {
    "latest": lambda stream: stream.latest,
    "the same reader": lambda stream: iter(stream).get,
    "reader after reader": lambda stream: lambda: list(stream.events()),
}


@pytest.mark.parametrize("how", ASKING)
def test_asking_again_and_again_does_not_grow_the_error(how: str) -> None:
    with contextlib.suppress(ZeroDivisionError), Stream(VISIT, Failing()) as stream:
        list(stream)
    ask, found = ASKING[how](stream), []
    for _ in range(20):
        with pytest.raises(ZeroDivisionError) as raised:
            ask()
        found.append(length(raised.value.__traceback__))
    assert found[-1] == found[0]


def test_all_who_wait_for_the_start_are_told_why_there_is_none() -> None:
    def gone() -> Any:
        time.sleep(0.2)
        raise OSError("unplugged")

    stream, told = Stream(gone, Believing()), []

    def read(consumer: Iterable[Any]) -> None:
        try:
            list(consumer)
        except FerEdgeError as error:
            told.append(f"{type(error).__name__}: {error}")

    threads = [
        threading.Thread(target=read, args=(one,)) for one in (stream, stream.events(), stream)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert told == ["CameraError: gone failed: unplugged"] * 3
    with pytest.raises(CameraError, match="unplugged"):
        stream.latest()


def test_a_handler_that_never_returns_does_not_hold_up_whoever_closes_and_runs() -> None:
    stuck = threading.Event()
    stream = stream_of(live(LEFT), realtime=True)
    came = threading.Event()

    @stream.on("appear")
    def wait(event: Event) -> None:
        came.set()
        stuck.wait()

    running = threading.Thread(target=stream.run, daemon=True)
    running.start()
    assert came.wait(30)
    stream.close()
    running.join(10)
    alive = running.is_alive()
    stuck.set()
    assert not alive


@pytest.mark.parametrize("timeout", ["1", -1, float("nan"), True])
def test_a_timeout_that_is_no_number_of_seconds_is_refused(timeout: Any) -> None:
    with pytest.raises(ArgumentError, match="timeout"):
        iter(stream_of(VISIT)).get(timeout)


def test_a_timeout_may_be_longer_than_threads_can_wait() -> None:
    assert iter(stream_of(VISIT)).get(1e12) is not None


def test_a_class_is_no_recognizer() -> None:
    with pytest.raises(ArgumentError, match=r"give Believing\(\)"):
        Stream(VISIT, Believing)  # type: ignore[arg-type]
