"""What a beginner does with a stream by mistake is told, not waited for and not done in silence."""

from __future__ import annotations

import functools
import logging
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fer_edge import ArgumentError, Camera, CameraError, Frame, StreamEndedError
from fer_edge.cameras.request import Request
from fer_edge.live import Event, Reader, Retry, Stream
from fer_edge.live.delivery.event_queue import EventQueue
from fer_edge.live.delivery.hub import Hub
from tests.conftest import ROOT
from tests.runtime.faulty import Scripted
from tests.runtime.painted import paint
from tests.runtime.painted_streams import LEFT, VISIT, stream_of


@pytest.mark.parametrize("kind", ["frame", "array", "pil"])
def test_a_picture_in_memory_is_no_source(kind: str) -> None:
    source: Any = paint(LEFT)
    if kind == "frame":
        source = Frame.of(source)
    if kind == "pil":
        source = pytest.importorskip("PIL.Image").fromarray(source)
    with pytest.raises(ArgumentError, match=r"Recognizer reads single pictures"):
        stream_of(source)


async def _coroutine(event: Event) -> None: ...


async def _asynchronous(event: Event) -> AsyncIterator[int]:
    yield 1


def _generator(event: Event) -> Iterator[int]:
    yield 1


class Called:
    async def __call__(self, event: Event) -> None: ...


@pytest.mark.parametrize(
    "handler", [_coroutine, _asynchronous, _generator, Called(), functools.partial(_coroutine)]
)
def test_functions_that_would_do_nothing_are_refused(handler: Any) -> None:
    with pytest.raises(ArgumentError, match=r"never awaited|does nothing when it is called"):
        stream_of(VISIT).on()(handler)


@pytest.mark.parametrize("moment", ["last events", "end"])
def test_a_function_that_comes_at_the_end_is_called_or_refused(
    moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the last events and the moment from which on `ended` is true."""
    stream, called, refused = stream_of(VISIT), list[Event](), list[str]()

    def register() -> None:
        try:
            stream.on("leave")(called.append)
        except StreamEndedError as error:
            refused.append(str(error))

    def put(queue: EventQueue, event: Event, **options: bool) -> None:
        put_as_ever(queue, event, **options)
        if event.reason == "ended" and moment == "last events" and not refused:
            register()

    def finish(hub: Hub, *arguments: Any, **options: Any) -> None:
        finish_as_ever(hub, *arguments, **options)
        if moment == "end" and not stream.ended:
            register()

    put_as_ever, finish_as_ever = EventQueue.put, Hub.finish
    monkeypatch.setattr(EventQueue, "put", put)
    monkeypatch.setattr(Hub, "finish", finish)
    left = [event for event in stream.events("leave") if event.reason == "ended"]
    stream._loop.done.wait(10)
    stream.close()
    assert left
    assert not called
    assert len(refused) == 1
    assert "would never be called: the stream has ended" in refused[0]


@pytest.mark.parametrize("hidden", [_coroutine, _generator])
def test_or_told_of_when_that_shows(hidden: Any, caplog: pytest.LogCaptureFixture) -> None:
    stream = stream_of(VISIT)
    stream.on("appear")(lambda event: hidden(event))
    with caplog.at_level(logging.ERROR):
        stream.run()
    assert caplog.text.count("did nothing for appear") == 2


def test_a_handler_that_calls_run_does_not_wait_for_itself(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stream = stream_of(VISIT)
    stream.on("appear")(lambda _: stream.run())
    with caplog.at_level(logging.ERROR):
        stream.run()
    assert "run waits for the functions that the stream calls" in caplog.text


def test_a_camera_is_given_to_one_stream() -> None:
    camera = Scripted(10**6, "ends", paint(LEFT))
    with stream_of(camera) as stream:
        next(iter(stream))
        with pytest.raises(ArgumentError, match=r"given to a stream before"):
            stream_of(camera).start()
        next(iter(stream))


@dataclass
class Plain(Camera):
    """A user's camera without a name. A dataclass that is compared cannot be hashed."""

    left: int

    def __post_init__(self) -> None:
        super().__init__(Request())

    def _read(self) -> Frame | None:
        self.left -= 1
        return None if self.left < 0 else Frame(paint(LEFT), -self.left / 30, clock="recording")

    def _release(self) -> None:
        """Nothing."""


def test_a_camera_needs_no_name_and_no_hash() -> None:
    camera = Plain(3)
    with stream_of(camera, realtime=False, retry=None) as stream:
        assert stream.source == "a camera"
        assert len(list(stream)) == 3
    with pytest.raises(ArgumentError, match=r"a camera was given to a stream before"):
        stream_of(camera).start()


def test_a_function_opens_another_camera_each_time() -> None:
    camera = Scripted(60, "dies", paint(LEFT))
    stream = stream_of(lambda: camera, retry=Retry(initial=0.001, maximum=0.002))
    with pytest.raises(ArgumentError, match=r"each time that a function is asked"):
        list(stream)


@pytest.mark.parametrize(
    "source",
    ["http://me:geheim@127.0.0.1:9/x?key=geheim", "rtsp://me:geheim@:0/", "ftp://me:geheim@host/"],
)
def test_no_name_and_no_log_of_a_stream_shows_a_password(
    source: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    stream = stream_of(source, retry=Retry(initial=0.001, maximum=0.002, attempts=1, at_start=True))
    reasons: list[str] = []
    with pytest.raises((CameraError, ArgumentError)) as raised:
        reasons.extend(event.reason for event in stream.events())
    assert "geheim" not in f"{stream.source} {caplog.text} {raised.value} {reasons}"


def test_names_are_printable() -> None:
    assert stream_of(b"a\xff\n.mp4").source == r"a\xff\n.mp4"
    assert stream_of(Path("a.mp4")).source == "a.mp4"


FORKED = """
import os, signal, sys
from tests.runtime.painted_streams import LEFT, live, stream_of
from fer_edge import StreamEndedError

stream = stream_of(live(LEFT), realtime=True)
stream.start()
reader = iter(stream)
next(reader)
asking = {
    "the same reader": lambda: next(reader), "iter": lambda: iter(stream), "run": stream.run,
    "events": stream.events, "latest": stream.latest, "with": stream.__enter__,
    "on": lambda: stream.on("leave")(print), "pause": stream.pause, "resume": stream.resume,
    "stats": stream.stats,
}
if os.fork():
    code = os.waitstatus_to_exitcode(os.wait()[1])
    next(reader)
    assert not stream.ended
    sys.exit(code)
signal.alarm(30)
for name, ask in asking.items():
    try:
        ask()
        print(name, "was silent")
        os._exit(1)
    except StreamEndedError:
        pass
assert stream.ended
assert "forked" in str(stream.error)
stream.close()
"""


def test_a_child_that_is_forked_is_told_and_does_its_parent_no_harm() -> None:
    command = [sys.executable, "-W", "ignore", "-c", FORKED]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("ask", [iter, Stream.events])
def test_a_reader_that_was_closed_begins_nothing(ask: Callable[[Stream], Reader[Any]]) -> None:
    opened = []

    def camera() -> Camera:
        opened.append(True)
        return Scripted(3, "ends", paint(LEFT))

    stream = stream_of(camera, retry=None)
    with ask(stream) as reader:
        pass
    assert list(reader) == []
    assert opened == []
    assert next(iter(stream)).frame_index >= 0
    stream.close()
