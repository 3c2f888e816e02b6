"""A stream that is closed ends at once, whatever it waits for, and leaves nothing behind."""

from __future__ import annotations

import random
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from fer_edge import Box, CameraTimeoutError, Detection, FerEdgeError, Frame
from fer_edge.live import Event
from fer_edge.live.frames.retry import Retry
from fer_edge.live.stream import Stream
from tests.runtime.faulty import Sequence
from tests.runtime.leaks import held, is_more, settled
from tests.runtime.painted import Believing, Painted
from tests.runtime.painted_streams import live, stream_of
from tests.runtime.stream_states import AT_ONCE, PICTURE, endless, sources


def consume(stream: Stream, how: int) -> None:
    """Read in one of the ways that there are, until it ends."""
    try:
        if how == 0:
            list(stream)
        elif how == 1:
            list(stream.events())
        elif how == 2:
            for _ in stream:
                time.sleep(0.002)
        else:
            while not stream._loop.done.is_set():
                stream.latest()
                time.sleep(0.001)
    except FerEdgeError:
        # It was closed before it began.
        return


def test_a_thousand_ends_under_fire(tmp_path: Path) -> None:
    chance = random.Random(4)
    before = held()
    slowest = 0.0
    rounds = 1000 // len(sources(tmp_path)) + 1
    for _ in range(rounds):
        for source in sources(tmp_path).values():
            realtime = chance.choice([True, None])
            stream = Stream(
                source,
                Believing(),
                realtime=realtime,
                retry=Retry(initial=0.001, maximum=0.002),
                frame_timeout=0.01,
            )
            stream.on()(lambda _: None)
            consumers = [
                threading.Thread(target=consume, args=(stream, how))
                for how in chance.sample(range(4), 2)
            ]
            closers = [threading.Timer(chance.uniform(0, 0.01), stream.close) for _ in range(2)]
            for thread in (*consumers, *closers):
                thread.start()
            time.sleep(chance.uniform(0, 0.01))
            began = time.monotonic()
            stream.close()
            slowest = max(slowest, time.monotonic() - began)
            for thread in (*consumers, *closers):
                thread.join(30)
                assert not thread.is_alive()
    assert slowest < AT_ONCE
    assert not is_more(settled(before), before)


def test_close_in_a_signal_handler_never_waits_for_what_it_interrupted(tmp_path: Path) -> None:
    chance = random.Random(7)
    closed: list[float] = []
    stream: Stream | None = None

    def close(*_: object) -> None:
        if stream is not None:
            began = time.monotonic()
            stream.close()
            closed.append(time.monotonic() - began)

    before = signal.signal(signal.SIGALRM, close)
    try:
        for how in range(200):
            stream = Stream(endless, Believing(), retry=Retry(initial=0.001, maximum=0.002))
            stream.on()(lambda _: None)
            signal.setitimer(signal.ITIMER_REAL, chance.uniform(0.0005, 0.02))
            consume(stream, how % 4)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert max(closed) < AT_ONCE


@pytest.mark.parametrize("state", ["camera", "frozen", "never begins", "failing", "nobody writes"])
def test_leaving_with_takes_no_time(state: str, tmp_path: Path) -> None:
    stream = stream_of(
        sources(tmp_path)[state], retry=Retry(initial=60, maximum=60), frame_timeout=0.1
    )
    with stream:
        time.sleep(0.3)
        began = time.monotonic()
    assert time.monotonic() - began < AT_ONCE


def test_an_iterable_that_never_comes_back_is_left_behind(
    caplog: pytest.LogCaptureFixture,
) -> None:
    gate = threading.Event()

    def stuck() -> Any:
        yield PICTURE
        gate.wait()

    stream = stream_of(stuck(), realtime=True)
    next(iter(stream))
    began = time.monotonic()
    stream.close()
    assert time.monotonic() - began < AT_ONCE
    assert "has not ended yet" in caplog.text
    before = threading.active_count()
    gate.set()
    until = time.monotonic() + 5
    while threading.active_count() >= before and time.monotonic() < until:
        time.sleep(0.01)
    assert threading.active_count() < before


def test_an_opening_that_never_ends_is_waited_for_once() -> None:
    def slow() -> Any:
        time.sleep(20)

    stream = Stream(slow, realtime=True, retry=None, open_timeout=0.1)
    began = time.monotonic()
    with pytest.raises(CameraTimeoutError, match=r"could not be opened within ([\d.]+) s") as told:
        stream.run()
    limit = float(str(told.value).split()[-2])
    # `start`, the opening and `run` close it, each after the other.
    assert time.monotonic() - began < limit + AT_ONCE


def test_close_from_a_handler_and_from_the_recognizer() -> None:
    class Closing(Believing):
        def detect(self, frame: Any, within: Any = None) -> Any:
            stream.close()
            return super().detect(frame, within)

    stream = Stream(endless, Closing())
    began = time.monotonic()
    list(stream)
    assert time.monotonic() - began < AT_ONCE


def test_a_fault_that_is_never_mended_does_not_hold_up_the_end() -> None:
    stream = stream_of(Sequence(endless), retry=Retry(initial=60, maximum=60))
    with stream:
        next(iter(stream))
        began = time.monotonic()
        stream.close()
        assert time.monotonic() - began < AT_ONCE


def test_faces_leave_although_the_stream_is_closed_in_the_middle_of_a_long_search() -> None:
    gate, busy, inside = threading.Event(), threading.Event(), threading.Event()

    class Slow(Believing):
        def detect(self, frame: Frame, within: Box | None = None) -> tuple[Detection, ...]:
            if busy.is_set():
                inside.set()
                gate.wait(30)
            return super().detect(frame, within)

    stream = Stream(live(Painted(10, 40, "happy")), Slow(), realtime=True, name="door")
    read, handled = list[Event](), list[Event]()
    stream.on("appear", "leave")(handled.append)
    events = stream.events("appear", "leave")
    read.append(next(events))
    busy.set()
    assert inside.wait(30)
    stream.close()
    read += events
    gate.set()
    # `close` has used its time up, so it did not wait for the function.
    assert stream._loop.handlers.join(30)
    for told in (read, handled):
        assert [(event.kind, event.track_id) for event in told] == [("appear", 1), ("leave", 1)]
    (_, last) = read
    assert (last.reason, last.stream, last.sequence) == ("ended", "door", 1)
    assert last.face is not None
    assert last.before == last.face.steady
    assert last.held is not None
    assert last.held >= 0
