"""A stream from its start to its end: readings, events, handlers, pauses, errors."""

from __future__ import annotations

import gc
import itertools
import json
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from fer_edge import (
    ArgumentError,
    CameraError,
    FerEdgeError,
    Frame,
    PictureError,
    StreamEndedError,
)
from fer_edge.live import Event
from fer_edge.live.frames.retry import Retry
from fer_edge.live.stream import Stream
from tests.runtime.faulty import Scripted, Sequence
from tests.runtime.painted import Believing, Painted, paint

LEFT, RIGHT = Painted(10, 40, "happy"), Painted(110, 40, "sad")
RATE = 20.0


def recording(*parts: tuple[int, tuple[Painted, ...]]) -> list[Frame]:
    """Frames of a recording: so many with these faces, then so many with those, and so on."""
    pictures = [paint(*faces) for count, faces in parts for _ in range(count)]
    return [
        Frame(picture, index / RATE, index, clock="recording", moment="position")
        for index, picture in enumerate(pictures)
    ]


VISIT = recording((10, ()), (40, (LEFT,)), (60, ()), (40, (RIGHT,)))
"""Somebody happy comes and goes; somebody sad comes and stays."""


def stream_of(source: Any, **arguments: Any) -> Stream:
    return Stream(source, Believing(), **arguments)


def live(*faces: Painted, interval: float = 0.005, limit: int = 100_000) -> Iterator[Frame]:
    """A camera's frames, as they come."""
    picture = paint(*faces)
    for index in range(limit):
        time.sleep(interval)
        yield Frame(picture, time.monotonic(), index)


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    before = threading.active_count()
    yield
    until = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < until:
        time.sleep(0.01)
    assert threading.active_count() <= before


def told(event: Event) -> tuple[str, int | None, str | None, str | None]:
    return event.kind, event.track_id, event.before, event.after


def test_a_recording_is_read_whole_and_each_reading_given_once() -> None:
    with stream_of(VISIT, name="door") as stream:
        readings = list(stream)
    assert [reading.frame_index for reading in readings] == list(range(len(VISIT)))
    assert [reading.sequence for reading in readings] == list(range(len(VISIT)))
    assert {reading.dropped for reading in readings} == {0}
    assert {reading.stream for reading in readings} == {"door"}
    assert readings[30].frame is VISIT[30]
    primary = readings[30].primary
    assert primary is not None
    assert primary.steady == "happy"
    assert readings[-1].age is None


def test_its_events_tell_who_came_changed_and_left() -> None:
    with stream_of(VISIT) as stream:
        events = list(stream.events())
    assert [told(event) for event in events] == [
        ("appear", 1, None, "unsure"),
        ("change", 1, "unsure", "happy"),
        ("leave", 1, "happy", None),
        ("appear", 2, None, "unsure"),
        ("change", 2, "unsure", "sad"),
        ("leave", 2, "sad", None),
    ]
    assert [event.sequence for event in events] == list(range(6))
    assert [event.reason for event in events if event.kind == "leave"] == ["lost", "ended"]


def test_without_with_the_first_iteration_starts_it() -> None:
    assert len(list(stream_of(VISIT))) == len(VISIT)
    assert len(list(stream_of(VISIT).events("appear"))) == 2


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


def test_a_camera_is_never_waited_for_and_nothing_is_given_twice() -> None:
    stream = stream_of(live(LEFT), realtime=True)
    with stream:
        readings = []
        for reading in stream:
            readings.append(reading)
            time.sleep(0.05)
            # A camera that was waited for would drop nothing.
            assert len(readings) < 400
            if len(readings) >= 20 and sum(one.dropped for one in readings) > 20:
                break
    indices = [reading.frame_index for reading in readings]
    assert indices == sorted(set(indices))
    assert all(r.age is not None for r in readings)
    # What lies between two that were given was dropped, and is counted with the second.
    for earlier, later in itertools.pairwise(readings):
        assert later.frame_index - earlier.frame_index == 1 + later.dropped


def test_each_consumer_has_its_own() -> None:
    found: dict[str, int] = {"one": 0, "two": 0}
    with stream_of(VISIT) as stream:
        readers = {name: iter(stream) for name in found}

        def count(name: str) -> None:
            for _ in readers[name]:
                found[name] += 1
                time.sleep(0.001 if name == "two" else 0)

        threads = [threading.Thread(target=count, args=(name,)) for name in found]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert found == {"one": len(VISIT), "two": len(VISIT)}


def test_who_comes_late_is_told_who_is_there() -> None:
    with stream_of(live(LEFT), realtime=True) as stream:
        for event in stream.events():
            if event.kind == "change":
                break
        late = [told(event) for event in (next(stream.events()), next(stream.events("change")))]
    assert late == [("appear", 1, None, "unsure"), ("change", 1, "unsure", "happy")]


def test_a_forgotten_reader_does_not_hold_up_a_recording() -> None:
    with stream_of(VISIT) as stream:
        forgotten = iter(stream)
        next(forgotten)
        del forgotten
        gc.collect()
        assert len(list(stream.events())) >= 5


def test_latest_does_not_wait_and_knows_ages() -> None:
    stream = stream_of(live(LEFT), realtime=True)
    assert stream.latest() is None
    with stream:
        next(iter(stream))
        reading = stream.latest(max_age=60)
        assert reading is not None
        stream.pause()
        time.sleep(0.1)
        assert stream.latest(max_age=0.01) is None
        assert stream.latest() is not None
    for wrong in (-1, float("nan"), "1", True):
        with pytest.raises(ArgumentError):
            stream.latest(max_age=wrong)  # type: ignore[arg-type]


def test_pause_and_resume() -> None:
    with stream_of(live(LEFT), realtime=True) as stream:
        events = stream.events("appear", "interrupted", "resumed", "leave")
        assert next(events).kind == "appear"
        stream.pause()
        paused = next(events)
        assert (paused.kind, paused.reason) == ("interrupted", "paused")
        before = stream.stats()
        time.sleep(0.2)
        after = stream.stats()
        assert after.readings <= before.readings + 1
        assert after.dropped > before.dropped
        stream.resume()
        assert next(events).kind == "resumed"
        stream.close()
        # The face kept its track.
        assert [(event.kind, event.track_id) for event in events] == [("leave", 1)]


def test_a_recording_pauses_without_loss() -> None:
    with stream_of(VISIT) as stream:
        readings = iter(stream)
        indices = [next(readings).frame_index for _ in range(5)]
        stream.pause()
        threading.Timer(0.2, stream.resume).start()
        indices += [reading.frame_index for reading in readings]
    assert indices == list(range(len(VISIT)))


def test_stats() -> None:
    stream = stream_of(live(LEFT, limit=50), realtime=True)
    assert stream.stats().fps == 0
    assert stream.stats().age_p50 is None
    read = len(list(stream))
    stats = stream.stats()
    assert read <= stats.readings
    assert stats.readings + stats.dropped == 50
    assert stats.fps > 1
    assert stats.age_p50 is not None
    assert stats.age_p95 is not None
    assert 0 < stats.age_p50 <= stats.age_p95


class Failing(Believing):
    def detect(self, frame: Frame, within: Any = None) -> Any:
        if frame.index == 3:
            raise ZeroDivisionError("in the detector")
        return super().detect(frame, within)


def test_an_exception_in_the_loop_reaches_every_consumer() -> None:
    stream = Stream(VISIT, Failing(), detect_every=0)
    with pytest.raises(ZeroDivisionError, match="in the detector"):
        list(stream)
    with pytest.raises(ZeroDivisionError):
        list(stream.events())
    with pytest.raises(ZeroDivisionError):
        stream.latest()
    with pytest.raises(ZeroDivisionError):
        Stream(VISIT, Failing(), detect_every=0).run()


def test_an_error_that_nobody_was_told_is_raised_where_with_ends() -> None:
    stream = Stream(VISIT, Failing(), detect_every=0)
    stream.on()(print)
    with pytest.raises(ZeroDivisionError), stream:
        stream._loop.done.wait(10)


class Choosy(Believing):
    """Takes pictures without faces for none."""

    def detect(self, frame: Frame, within: Any = None) -> Any:
        if not frame.image.any():
            raise PictureError("no picture")
        return super().detect(frame, within)


def test_a_camera_may_send_rubbish_for_a_while(caplog: pytest.LogCaptureFixture) -> None:
    def frames() -> Iterator[Frame]:
        for index in range(60):
            time.sleep(0.005)
            yield Frame(paint(LEFT) if index % 3 else paint(), time.monotonic(), index)

    with Stream(frames(), Choosy(), realtime=True, detect_every=0) as stream:
        readings = list(stream)
    assert readings
    assert all(reading.frame_index % 3 for reading in readings)
    assert stream.stats().readings + stream.stats().dropped == 60
    assert "frame left out (no. 1 so): no picture" in caplog.text
    with pytest.raises(PictureError), Stream(recording((3, ())), Choosy()) as whole:
        list(whole)


def test_an_error_that_was_told_is_not_raised_again_by_with() -> None:
    with Stream(VISIT, Failing(), detect_every=0) as stream, pytest.raises(ZeroDivisionError):
        list(stream)


def test_a_source_that_is_gone_at_the_start_is_an_error() -> None:
    stream = stream_of(Sequence())
    with pytest.raises(CameraError, match="no camera any more"), stream:
        pass
    with pytest.raises(FerEdgeError, match="make a new one"):
        stream.start()
    with pytest.raises(CameraError, match="nowhere"):
        list(stream_of("nowhere.mp4"))


def test_a_camera_that_fails_is_opened_again_and_faces_keep_their_tracks() -> None:
    picture = paint(LEFT)
    source = Sequence(
        partial(Scripted, 60, "dies", picture), partial(Scripted, 10**6, "ends", picture)
    )
    with stream_of(source, retry=Retry(initial=0.01, maximum=0.02)) as stream:
        events = stream.events("appear", "interrupted", "resumed", "leave")
        kinds = [next(events).kind for _ in range(3)]
        stream.close()
        kinds += [event.kind for event in events]
    assert kinds == ["appear", "interrupted", "resumed", "leave"]
    assert stream.stats().reopened == 1


def test_closing_twice_before_the_start_and_after_the_end() -> None:
    stream = stream_of(VISIT)
    stream.close()
    stream.close()
    with pytest.raises(FerEdgeError, match="make a new one"):
        list(stream)
    ended = stream_of(VISIT)
    assert list(ended)
    ended.close()
    assert ended.ended
    with pytest.raises(StreamEndedError, match="make a new one"):
        list(ended)
    with pytest.raises(FerEdgeError, match="make a new one"), ended:
        pass


def test_a_stream_that_nobody_holds_ends() -> None:
    frames = live(LEFT)
    for _ in stream_of(frames, realtime=True):
        break
    gc.collect()
    # The fixture sees that its threads end.


@pytest.mark.parametrize(
    "arguments",
    [
        {"name": 1},
        {"retry": 3},
        {"rotate": 45},
        {"frame_timeout": 0},
        {"lost_after": -1},
        {"detect_every": float("nan")},
        {"size": (640, 480)},
        {"realtime": "yes"},
    ],
)
def test_wrong_arguments_are_refused_by_name(arguments: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match=next(iter(arguments))):
        stream_of(VISIT, **arguments)


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


def test_two_streams_in_one_process_keep_apart() -> None:
    front, back = stream_of(VISIT, name="front"), stream_of(VISIT, name="back")
    told: dict[str, list[str]] = {"front": [], "back": []}
    for stream in (front, back):
        stream.on()(lambda event: told[event.stream].append(event.kind))
    with front, back:
        indices = [
            (one.frame_index, other.frame_index) for one, other in zip(front, back, strict=True)
        ]
        front.run()
        back.run()
    assert indices == [(index, index) for index in range(len(VISIT))]
    assert told["front"] == told["back"] == ["appear", "change", "leave"] * 2


def test_streams_in_two_processes_work_at_once() -> None:
    words = [sys.executable, "-m", "fer_edge", "watch", "sample", "--events"]
    running = [subprocess.Popen(words, stdout=subprocess.PIPE) for _ in range(2)]
    for process in running:
        out, _ = process.communicate(timeout=120)
        assert process.returncode == 0
        kinds = [json.loads(line)["event"] for line in out.splitlines()]
        assert kinds == ["appear", "change", "leave"]
