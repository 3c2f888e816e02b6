"""A stream gives each consumer its readings and events once, in order, and lets nobody wait."""

from __future__ import annotations

import gc
import itertools
import json
import subprocess
import sys
import threading
import time
import types

import pytest

from fer_edge import ArgumentError
from fer_edge.live.results.figures import Figures
from tests.runtime.painted_streams import LEFT, VISIT, live, stream_of, told

pytestmark = pytest.mark.usefixtures("_nothing_is_left")


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


def test_the_age_of_a_recordings_reading_counts_from_when_it_was_there() -> None:
    with stream_of(VISIT) as stream:
        next(iter(stream))
        stream.pause()
        time.sleep(0.1)
        assert stream.latest(max_age=0.05) is None
        assert stream.latest(max_age=60) is not None


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


def test_ages_that_one_in_so_many_exceed() -> None:
    figures = Figures()
    for twentieth in range(1, 21):
        figures.add(types.SimpleNamespace(age=twentieth / 20))  # type: ignore[arg-type]
    stats = figures.stats(dropped=0, skipped=0, reopened=0)
    assert (stats.age_p50, stats.age_p95) == (0.5, 0.95)


def test_a_stream_ends_after_so_many_frames() -> None:
    """And reads no more of a camera that goes on."""
    for source in (VISIT, lambda: live(LEFT)):
        stream = stream_of(source, realtime=source is not VISIT, frames=5)
        # Of a camera, a slow reader gets the newest.
        assert [reading.sequence for reading in stream][-1] == 4
        assert stream.stats().readings == 5
        assert stream.error is None
        stream.close()
    for wrong in (0, -1, 2.5, True):
        with pytest.raises(ArgumentError, match=r"frames must be .*whole number"):
            stream_of(VISIT, frames=wrong)
