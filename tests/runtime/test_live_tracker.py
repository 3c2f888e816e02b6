"""Frames in, readings and events out."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

import fer_edge
from fer_edge.errors import ArgumentError, DetectionError, PictureError
from fer_edge.face import Box
from fer_edge.frame import Frame
from fer_edge.live import UNSURE, Event, LiveReading, Smoothing, Tracker
from tests.runtime.scripted import PICTURE, Actor, Scripted, frame, times

BOX = Box(100, 100, 80, 90)
FAR = Box(400, 200, 60, 66)


def always(*actors: Actor) -> Callable[[float], Sequence[Actor]]:
    return lambda at: actors


def between(start: float, end: float, *actors: Actor) -> Callable[[float], Sequence[Actor]]:
    return lambda at: actors if start <= at < end else ()


def play(tracker: Tracker, moments: Sequence[float]) -> tuple[list[LiveReading], list[Event]]:
    readings, events = list[LiveReading](), list[Event]()
    for at in moments:
        reading, told = tracker(frame(at))
        readings.append(reading)
        events += told
    return readings, events


def kinds(events: Sequence[Event]) -> list[str]:
    return [event.kind for event in events]


def test_a_face_appears_when_it_is_seen_twice_then_changes_then_leaves() -> None:
    tracker = Tracker(Scripted(between(1, 3, Actor(BOX))), name="door")
    readings, events = play(tracker, times(6))
    assert kinds(events) == ["appear", "change", "leave"]
    appear, change, leave = events
    assert appear.exposed_at == pytest.approx(1 + 1 / 30, abs=0.2)
    assert (appear.after, appear.track_id, appear.stream) == (UNSURE, 1, "door")
    assert (change.before, change.after) == (UNSURE, "happy")
    assert change.held is not None
    assert change.held == pytest.approx(change.exposed_at - appear.exposed_at)
    assert change.held >= 0.4
    assert leave.exposed_at == pytest.approx(3 + 1.5, abs=0.05)
    assert (leave.before, leave.reason) == ("happy", "lost")
    assert leave.held == pytest.approx(3 - 1 / 30 - change.exposed_at, abs=0.01)
    assert [event.sequence for event in events] == [0, 1, 2]
    assert [reading.sequence for reading in readings] == list(range(180))
    kept = [r for r in readings if 3 <= r.exposed_at < 4.4]
    assert all(r.faces[0].last_seen == pytest.approx(3 - 1 / 30) for r in kept)
    assert tracker.end() == ()


def test_what_is_seen_once_never_appears() -> None:
    blink = between(1.0, 1.02, Actor(BOX))
    assert play(Tracker(Scripted(blink), detect_every=0), times(4))[1] == []


@pytest.mark.parametrize("rate", [1.0, 2.0, 5.0, 30.0, 120.0])
def test_a_face_appears_and_leaves_at_every_rate(rate: float) -> None:
    tracker = Tracker(Scripted(between(2, 6, Actor(BOX))))
    events = play(tracker, times(14, rate))[1]
    assert kinds(events) == ["appear", "change", "leave"]
    assert events[-1].exposed_at <= 6 + 1.5 + 2 / rate


def test_the_end_makes_every_face_leave_once() -> None:
    tracker = Tracker(Scripted(always(Actor(BOX), Actor(FAR, "sad"))))
    events = play(tracker, times(2))[1]
    ended = tracker.end()
    assert kinds(events).count("appear") == 2
    assert kinds(ended) == ["leave", "leave"]
    assert {event.reason for event in ended} == {"ended"}
    assert {event.track_id for event in ended} == {1, 2}
    assert tracker.end() == ()
    again = play(tracker, times(1, start=2))[1]
    assert {event.track_id for event in again} == {3, 4}
    numbers = [event.sequence for event in (*events, *ended, *again)]
    assert numbers == list(range(len(numbers)))


def test_a_missed_face_keeps_its_track() -> None:
    rng = np.random.default_rng(0)
    gone = set(rng.choice(300, 60, replace=False).tolist())
    tracker = Tracker(Scripted(lambda at: () if round(at * 30) in gone else (Actor(BOX),)))
    assert kinds(play(tracker, times(10))[1]) == ["appear", "change"]


@pytest.mark.parametrize("gap", [0.5, 2.0, 4.9])
def test_tracks_outlive_short_interruptions(gap: float) -> None:
    tracker = Tracker(Scripted(always(Actor(BOX))))
    play(tracker, times(2))
    told = tracker.interrupt("no frame for 2 s", 4.0)
    assert kinds(told) == ["interrupted"]
    assert tracker.interrupt("again", 4.2) == ()
    assert (told[0].reason, told[0].face, told[0].exposed_at) == ("no frame for 2 s", None, 4.0)
    back = tracker.resume("reopened", 4.0 + gap)
    assert kinds(back) == ["resumed"]
    assert tracker.resume("again") == ()
    readings, events = play(tracker, times(3, start=4.0 + gap))
    assert events == []
    assert {face.track_id for reading in readings for face in reading.faces} == {1}


def test_a_long_interruption_ends_the_tracks_after_it() -> None:
    tracker = Tracker(Scripted(always(Actor(BOX))))
    play(tracker, times(2))
    assert kinds(tracker.interrupt("gone", 2.0)) == ["interrupted"]
    assert kinds(tracker.resume("back", 7.5)) == ["resumed"]
    events = play(tracker, times(2, start=7.5))[1]
    assert kinds(events) == ["leave", "appear", "change"]
    assert [event.track_id for event in events] == [1, 2, 2]


def test_a_frame_ends_an_interruption_by_itself() -> None:
    tracker = Tracker(Scripted(always(Actor(BOX))))
    play(tracker, times(2))
    tracker.interrupt("gone", 2.0)
    assert kinds(play(tracker, times(1, start=3.0))[1]) == ["resumed"]


def test_an_interruption_before_the_first_frame_is_told() -> None:
    tracker = Tracker(Scripted(always()))
    events = (*tracker.interrupt("busy"), *tracker.resume("free"))
    assert kinds(events) == ["interrupted", "resumed"]
    assert all(event.age is not None and 0 <= event.age < 60 for event in events)


def test_a_face_hidden_for_less_than_lost_after_keeps_its_label() -> None:
    tracker = Tracker(Scripted(lambda at: () if 2 <= at < 3.3 else (Actor(BOX),)))
    readings, events = play(tracker, times(5))
    assert kinds(events) == ["appear", "change"]
    assert {r.faces[0].steady for r in readings if r.exposed_at > 1} == {"happy"}


def test_times_that_stand_still_go_back_or_jump_never_break_it() -> None:
    tracker = Tracker(Scripted(always(Actor(BOX))))
    moments = [*times(1), *[0.97] * 5, *times(2), *times(1, start=1000.0), -5.0, 1e9, 3.0, 3.0]
    readings, events = play(tracker, moments)
    assert len(readings) == len(moments)
    assert [event.sequence for event in events] == list(range(len(events)))
    for reading in readings:
        for face in reading.faces:
            assert face.since <= reading.exposed_at + 1e-6
            assert face.last_seen <= reading.exposed_at + 1e-6
    # A recording that is played again is one stream: the face stays who it is.
    assert [event.track_id for event in events if event.exposed_at < 2] in ([1, 1], [1, 1, 1])


def test_a_recording_that_starts_anew_keeps_its_tracks() -> None:
    tracker = Tracker(Scripted(always(Actor(BOX))))
    readings, events = play(tracker, [*times(2), *times(2), *times(2)])
    assert kinds(events) == ["appear", "change"]
    assert readings[-1].faces[0].since < -1.5


@pytest.mark.parametrize("at", [float("nan"), float("inf")])
def test_a_time_that_is_none_is_refused(at: float) -> None:
    tracker = Tracker(Scripted(always(Actor(BOX))))
    with pytest.raises(ArgumentError):
        tracker(frame(at))
    assert play(tracker, times(1))[0]


def test_a_frame_of_another_size_is_the_same_view() -> None:
    small, large = np.zeros((240, 320), np.uint8), np.zeros((480, 640), np.uint8)
    script = Scripted(lambda at: (Actor(BOX.scaled(0.5, 0.5) if at < 1 else BOX),))
    tracker, events = Tracker(script), list[Event]()
    for at in times(2):
        events += tracker(Frame(small if at < 1 else large, at, clock="recording"))[1]
    assert kinds(events) == ["appear", "change"]


def test_what_is_no_picture_is_refused_and_nothing_is_lost() -> None:
    tracker = Tracker(Scripted(always(Actor(BOX))))
    with pytest.raises(PictureError):
        tracker(cast(Any, np.zeros((4, 4), np.float32)))
    events = play(tracker, times(1))[1]
    tracker.interrupt("gone", 1.0)
    with pytest.raises(PictureError):
        tracker(np.zeros((0, 4), np.uint8))
    events += play(tracker, times(1, start=1.5))[1]
    assert kinds(events) == ["appear", "change", "resumed"]


def test_a_recognizer_that_fails_loses_no_event() -> None:
    script = Scripted(always(Actor(BOX)))
    real, failing = script.read, [True]

    def read(*arguments: Any) -> Any:
        if failing[0]:
            raise PictureError("torn")
        return real(*arguments)

    script.read = read  # type: ignore[method-assign,assignment]
    tracker = Tracker(script)
    for at in times(1):
        try:
            assert tracker(frame(at))[1] == ()
        except PictureError:
            assert at > 0
    failing[0] = False
    assert kinds(play(tracker, times(1, start=1.0))[1]) == ["appear", "change"]


def test_an_array_is_a_frame_of_now() -> None:
    tracker = Tracker(Scripted(always(Actor(BOX))))
    reading, _ = tracker(PICTURE, dropped=3)
    assert reading.clock == "monotonic"
    assert reading.dropped == 3
    assert reading.age is not None
    assert 0 <= reading.age < 60
    assert reading.size == (640, 480)


def test_time_may_come_from_a_function() -> None:
    moments = iter(times(2))
    tracker = Tracker(Scripted(always(Actor(BOX))), clock=lambda: next(moments))
    events = [event for at in times(2) for event in tracker(frame(77.0))[1]]
    assert kinds(events) == ["appear", "change"]
    assert {event.clock for event in events} == {"external"}
    assert all(event.age is None for event in events)


def test_the_primary_face_is_the_nearest() -> None:
    tracker = Tracker(Scripted(always(Actor(FAR), Actor(BOX))))
    reading = play(tracker, times(1))[0][-1]
    assert [face.box.width for face in reading.faces] == pytest.approx([80, 60], rel=0.01)
    assert reading.primary is reading.faces[0]


@pytest.mark.parametrize(("mirror", "sign"), [(False, 1), (True, -1)])
def test_directions_are_the_cameras(mirror: bool, sign: int) -> None:
    right_edge = Box(600, 200, 80, 80)
    tracker = Tracker(Scripted(always(Actor(right_edge))), hfov=60, mirror=mirror)
    face = play(tracker, times(1))[0][-1].faces[0]
    assert face.offset == pytest.approx((sign * 1.0, 0.0))
    assert face.bearing == pytest.approx((sign * 30.0, 0.0))


def test_threads_wait_for_each_other() -> None:
    tracker = Tracker(Scripted(always(Actor(BOX))))
    readings: list[LiveReading] = []

    def work() -> None:
        for _ in range(200):
            readings.append(tracker(PICTURE)[0])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(reading.sequence for reading in readings) == list(range(800))


@pytest.mark.parametrize(
    "wrong",
    [
        {"lost_after": -1},
        {"lost_after": float("nan")},
        {"detect_every": "0.2"},
        {"read_every": float("inf")},
        {"budget": 0},
        {"budget": 1.5},
        {"hfov": 180},
        {"hfov": True},
        {"clock": "wall"},
    ],
)
def test_wrong_arguments_are_named(wrong: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match=next(iter(wrong))):
        Tracker(Scripted(always()), **wrong)


def test_json_is_json() -> None:
    tracker = Tracker(Scripted(always(Actor(BOX))), hfov=60, name="door")
    readings, events = play(tracker, times(1))
    told = json.loads(json.dumps(readings[-1].to_json(), allow_nan=False))
    assert told["schema"] == 2
    assert (told["sequence"], told["dropped"], told["age"]) == (29, 0, None)
    face = told["faces"][0]
    assert (face["id"], face["steady"], face["emotion"]) == (1, "happy", "happy")
    assert face["seen"] == told["timestamp"]
    assert face["since"] < face["seen"]
    assert face["box"] == [100, 100, 80, 90]
    told = [json.loads(json.dumps(event.to_json(), allow_nan=False)) for event in events]
    assert [one["event"] for one in told] == ["appear", "change"]
    assert told[1]["face"]["id"] == told[1]["id"] == 1


@pytest.mark.parametrize(
    ("clip", "events"),
    [
        ("single_face.mp4", {"appear": 1, "leave": 1}),
        ("asl_book.mkv", {"appear": 1, "leave": 1}),
        ("WolfgangLanger_Pexels.mp4", {"appear": 1, "leave": 1}),
        ("face_noface.mov", {"appear": 1, "leave": 1}),
        ("no_face.mp4", {}),
    ],
)
def test_clips_of_one_face_have_one_track_and_no_short_state(
    clip: str, events: dict[str, int], shared: Callable[[str], Path]
) -> None:
    tracker, told, steady = Tracker(fer_edge.Recognizer()), list[Event](), list[tuple[str, float]]()
    with fer_edge.open_camera(shared(f"clips/{clip}")) as camera:
        for one in camera:
            reading, happened = tracker(one)
            told += happened
            for face in reading.faces:
                if not steady or steady[-1][0] != face.steady:
                    steady.append((face.steady, reading.exposed_at))
    told += tracker.end()
    assert {kind: kinds(told).count(kind) for kind in ("appear", "leave")} == {
        "appear": 0,
        "leave": 0,
    } | events
    lasted = [after - before for (_, before), (_, after) in itertools.pairwise(steady)]
    assert all(one >= 0.4 - 1e-6 for one in lasted)


def test_smoothing_can_be_turned_off() -> None:
    smoothing = Smoothing(time_constant=0, hysteresis=0, confirm=0, min_duration=0)
    script = Scripted(lambda at: (Actor(BOX, "sad" if round(at * 30) % 2 else "happy"),))
    events = play(Tracker(script, smoothing=smoothing), times(1))[1]
    assert kinds(events).count("change") >= 28


@pytest.mark.parametrize("wrong", [3, None, b"door"])
def test_a_name_is_a_text(wrong: Any) -> None:
    with pytest.raises(ArgumentError, match="name must be a text"):
        Tracker(Scripted(always()), name=wrong)


@pytest.mark.parametrize("wrong", [3, "yes", None])
def test_mirror_is_a_flag(wrong: Any) -> None:
    with pytest.raises(ArgumentError, match="mirror must be True or False"):
        Tracker(Scripted(always()), mirror=wrong)


def test_a_field_of_view_may_be_a_number_of_numpys() -> None:
    tracker = Tracker(Scripted(always(Actor(BOX))), hfov=cast("float", np.float32(60)))
    assert play(tracker, times(1))[0][-1].faces[0].bearing is not None


def test_what_is_told_to_a_tracker_is_checked() -> None:
    tracker = Tracker(Scripted(always()))
    wrong: list[Callable[[], object]] = [
        lambda: tracker(frame(0), dropped=cast("int", "x")),
        lambda: tracker(frame(0), dropped=-1),
        lambda: tracker.interrupt(cast("str", 3)),
        lambda: tracker.interrupt("x", at=cast("float", "y")),
        lambda: tracker.resume("x", at=float("nan")),
        lambda: tracker.end(at=cast("float", "z")),
    ]
    for call in wrong:
        with pytest.raises(ArgumentError):
            call()


@pytest.mark.parametrize("given", [None, 3, "abc", [], [None]])
@pytest.mark.parametrize("method", ["detect", "read"])
def test_a_recognizer_that_gives_something_else_is_named(method: str, given: Any) -> None:
    class Odd(Scripted):
        pass

    def answer(*_: object, **__: object) -> Any:
        return given

    odd = Odd(always(Actor(BOX)))
    setattr(odd, method, answer)
    tracker = Tracker(odd)
    if method == "detect" and given == []:
        assert play(tracker, times(1))[1] == []
        return
    with pytest.raises(DetectionError, match="the recognizer Odd must give"):
        play(tracker, times(1))
