"""What a stream says of itself, and of what can never come: nothing of it is silent."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
import types
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from fer_edge import ArgumentError, CameraError, Frame, StreamEndedError, open_camera
from fer_edge.live import Event, Retry, Stream
from fer_edge.live.results.figures import Figures
from tests.runtime.faulty import Scripted
from tests.runtime.painted import Believing, Faceless, paint
from tests.runtime.painted_streams import LEFT, VISIT, Failing, live, stream_of


def test_a_program_can_read_what_the_budget_chose() -> None:
    stream = stream_of(VISIT, budget=1e-9)
    assert (stream.work.detect_every, stream.work.read_every) == (0.2, 0.0)
    list(stream)
    assert (stream.work.detect_every, stream.work.read_every) == (2.0, 1.0)
    assert stream.work.share > 0
    assert not stream.work.within_budget


def test_figures_are_those_of_the_last_ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    figures, now = Figures(), [0.0]
    # Made-up times: the figures look at the clock themselves.
    clock = types.SimpleNamespace(monotonic=lambda: now[0])
    monkeypatch.setattr("fer_edge.live.results.figures.time", clock)

    def stats_after(age: float, *moments: float) -> tuple[float, float | None, int]:
        for now[0] in moments:
            figures.add(types.SimpleNamespace(age=age))  # type: ignore[arg-type]
        stats = figures.stats(dropped=0, skipped=0, reopened=0)
        return stats.fps, stats.age_p95, stats.readings

    assert stats_after(0.5, 0.0, 1.0, 2.0) == (1.0, 0.5, 3)
    assert stats_after(0.125, 12.5, 12.75, 13.0, 13.25) == (4.0, 0.125, 7)
    now[0] = 30.0
    assert stats_after(0.125) == (0.0, None, 7)


def test_a_poller_learns_of_the_end() -> None:
    stream = stream_of(live(LEFT, limit=50), realtime=True)
    assert not stream.ended
    polled = []
    with stream:
        while not stream.ended:
            polled.append(stream.latest())
            time.sleep(0.001)
        assert stream.error is None
        assert stream.latest() is not None
    assert polled


def test_a_poller_learns_of_the_error() -> None:
    stream = Stream(VISIT, Failing(), detect_every=0)
    stream.on("leave")(print)
    stream.start()
    until = time.monotonic() + 30
    while not stream.ended and time.monotonic() < until:
        time.sleep(0.001)
    assert isinstance(stream.error, ZeroDivisionError)
    with pytest.raises(ZeroDivisionError):
        stream.latest()
    stream.close()


async def _first(stream: Stream) -> None:
    async for _ in stream:
        return


ASKING: dict[str, Callable[[Stream], object]] = {
    "start": lambda stream: stream.start(),
    "run": lambda stream: stream.run(),
    "with": lambda stream: stream.__enter__(),
    "readings": lambda stream: next(iter(stream)),
    "a reading": lambda stream: iter(stream).get(0),
    "events": lambda stream: list(stream.events()),
    "async for": lambda stream: asyncio.run(_first(stream)),
    "on": lambda stream: stream.on("leave")(print),
    "when": lambda stream: stream.when("happy")(print),
}


@pytest.mark.parametrize("how", ASKING)
def test_who_asks_a_stream_that_is_over_is_told(how: str) -> None:
    stream = stream_of(VISIT)
    stream.run()
    with pytest.raises(StreamEndedError, match="make a new one"):
        ASKING[how](stream)


def test_who_asked_before_the_end_gets_the_rest_after_it() -> None:
    stream = stream_of(live(LEFT), realtime=True)
    rest = stream.events("leave")
    with stream:
        assert next(stream.events("appear")).kind == "appear"
    assert [event.kind for event in rest] == ["leave"]
    assert list(rest) == []


def test_run_after_the_end_of_the_source_waits_for_the_handlers() -> None:
    told: list[Event] = []

    def slow(event: Event) -> None:
        time.sleep(0.1)
        told.append(event)

    with stream_of(VISIT) as stream:
        stream.on("leave")(slow)
        list(stream)
        stream.run()
        assert len(told) == 2


def gone(after: int) -> Iterator[Frame]:
    yield from live(LEFT, limit=after, interval=0.001)
    raise OSError("unplugged")


def test_a_function_that_gives_frames_must_say_what_they_are() -> None:
    with pytest.raises(ArgumentError, match=r"<lambda> gives frames of its own.*realtime=True"):
        stream_of(lambda: gone(3)).start()


def test_frames_of_a_function_are_a_cameras_and_are_opened_again() -> None:
    opened = []

    def camera() -> Iterator[Frame]:
        opened.append(True)
        return gone(20)

    with stream_of(camera, realtime=True, retry=Retry(initial=0.001, maximum=0.002)) as stream:
        kinds = (event.kind for event in stream.events("interrupted", "resumed"))
        assert [next(kinds) for _ in range(2)] == ["interrupted", "resumed"]
    assert len(opened) >= 2


def test_or_a_recordings_which_is_read_once() -> None:
    with stream_of(lambda: VISIT, realtime=False) as stream:
        assert len(list(stream)) == len(VISIT)
    with pytest.raises(OSError, match="unplugged"):
        list(stream_of(lambda: gone(3), realtime=False))


@pytest.mark.parametrize("given", [paint(LEFT), "a.mp4", Path("a.mp4"), b"a.mp4", None, 0])
@pytest.mark.parametrize("realtime", [None, True, False])
def test_a_function_gives_a_camera_or_frames(given: Any, realtime: bool | None) -> None:
    with pytest.raises(ArgumentError, match=r"a camera or an iterable of frames.*it gave"):
        stream_of(lambda: given, realtime=realtime).start()


@pytest.mark.parametrize("kind", ["name", "path", "list", "folder", "camera", "function"])
def test_a_single_picture_is_no_film(kind: str, portrait: Path, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(portrait.read_bytes())
    path = tmp_path / "a.jpg"
    camera = open_camera(path)
    source = {
        "name": str(path),
        "path": path,
        "list": [path],
        "folder": tmp_path,
        "camera": camera,
        "function": lambda: camera,
    }[kind]
    with pytest.raises(ArgumentError, match=r"Recognizer, or with fer-edge photo"):
        list(stream_of(source))


def test_a_single_frame_of_another_source_is_told_of(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert len(list(stream_of(iter([paint(LEFT)])))) == 1
    assert "gave a single frame" in caplog.text
    caplog.clear()
    frames = [Frame(paint(LEFT), at / 10, clock="recording") for at in range(2)]
    assert len(list(stream_of(frames))) == 2
    assert len(list(stream_of(iter([paint(LEFT)] * 2)))) == 2
    assert caplog.text == ""


def test_pictures_without_times_are_told_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("a.png", "b.png"):
        cv2.imwrite(str(tmp_path / name), paint(LEFT))
    pair = [paint(LEFT)] * 2
    for source in (pair, deque(pair), tmp_path, open_camera(tmp_path), lambda: pair):
        caplog.clear()
        assert len(list(stream_of(source, realtime=False if callable(source) else None))) == 2
        (told,) = caplog.records
        assert "these pictures have no times" in told.getMessage()
    caplog.clear()
    assert list(stream_of(pair, realtime=True))
    assert caplog.records == []


def test_a_source_that_is_at_its_end_already_is_an_error() -> None:
    with pytest.raises(CameraError, match="gave no frame"):
        list(stream_of(iter(())))
    camera = open_camera("sample")
    camera.close()
    with pytest.raises(CameraError, match=r"sample.* gave no frame"):
        list(stream_of(camera))
    ended = Scripted(0, "ends")
    with pytest.raises(CameraError, match="gave no frame"), stream_of(ended, retry=None) as stream:
        list(stream)
    ended.close()


def test_closing_before_the_first_frame_is_no_error() -> None:
    gate = threading.Event()

    def waits() -> Iterator[Any]:
        gate.wait()
        yield np.zeros((4, 4, 3), np.uint8)

    stream = Stream(waits(), Believing())
    threading.Timer(0.1, stream.close).start()
    assert list(stream) == []
    gate.set()


@pytest.mark.parametrize("how", ["open", "function"])
def test_a_recording_that_is_open_is_not_played_at_another_speed(how: str) -> None:
    """Its frames would come as fast as they are read, and most would be left out."""
    camera = open_camera("sample")
    with pytest.raises(ArgumentError, match=r"opened without realtime=True.*where it is opened"):
        Stream(camera if how == "open" else lambda: camera, Faceless(), realtime=True).start()
    camera.close()
    playing = open_camera("sample", realtime=True)
    source = playing if how == "open" else lambda: playing
    with Stream(source, Faceless(), realtime=True) as stream:
        assert next(iter(stream)).clock == "monotonic"
