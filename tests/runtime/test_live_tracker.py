"""Faces that come, change and go."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

import fer_edge
from fer_edge import Frame, PictureError
from fer_edge.face import Box, Detection, Face
from fer_edge.live import UNSURE, Event, Smoothing, Tracker
from tests.runtime.scripted import (
    Actor,
    Scripted,
    always,
    between,
    frame,
    kinds,
    play,
    times,
)

BOX = Box(100, 100, 80, 90)
FAR = Box(400, 200, 60, 66)


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
    assert leave.face is not None
    last_seen = leave.face.last_seen
    # It is looked for fifteen times a second.
    assert 3 - 1 / 15 - 1e-6 <= last_seen < 3
    assert leave.held == pytest.approx(last_seen - change.exposed_at)
    assert [event.sequence for event in events] == [0, 1, 2]
    assert [reading.sequence for reading in readings] == list(range(180))
    kept = [r for r in readings if 3 <= r.exposed_at < 4.4]
    assert all(r.faces[0].last_seen == last_seen for r in kept)
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


def test_a_face_hidden_for_less_than_lost_after_keeps_its_label() -> None:
    tracker = Tracker(Scripted(lambda at: () if 2 <= at < 3.3 else (Actor(BOX),)))
    readings, events = play(tracker, times(5))
    assert kinds(events) == ["appear", "change"]
    assert {r.faces[0].steady for r in readings if r.exposed_at > 1} == {"happy"}


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


@pytest.mark.parametrize("lost_after", [0.0, 1e-9])
def test_a_face_that_is_lost_at_once_is_lost_only_when_it_is_not_seen(lost_after: float) -> None:
    tracker = Tracker(Scripted(between(0, 2, Actor(BOX))), lost_after=lost_after)
    events = play(tracker, times(3))[1]
    assert kinds(events) == ["appear", "change", "leave"]
    assert events[-1].exposed_at == pytest.approx(2, abs=0.1)


def test_a_search_that_fails_is_made_again_at_the_next_frame() -> None:
    """Also at a frame of another size: then the places of all faces are to be found anew."""

    class Failing(Scripted):
        fails = False

        def detect(self, frame: Frame, within: Box | None = None) -> tuple[Detection, ...]:
            if self.fails:
                raise PictureError("torn")
            return super().detect(frame, within)

    half = Actor(BOX.scaled(0.5, 0.5))
    recognizer = Failing(lambda at: (Actor(BOX) if at < 1 else half,))
    tracker = Tracker(recognizer)
    play(tracker, times(1))
    small = np.zeros((240, 320, 3), np.uint8)
    recognizer.fails = True
    with pytest.raises(PictureError):
        tracker(Frame(small, 1.0, clock="recording"))
    recognizer.fails = False
    for at in times(1, start=1 + 1 / 30):
        reading, events = tracker(Frame(small, at, clock="recording"))
        assert events == ()
        assert [face.track_id for face in reading.faces] == [1]


def test_a_face_that_could_not_be_read_neither_appears_nor_leaves() -> None:
    class Blind(Scripted):
        def read(self, frame: Frame, detections: Sequence[Detection]) -> tuple[Face, ...]:
            raise PictureError("torn")

    # One face is lost, the other there to the end.
    there = between(0, 1, Actor(BOX), Actor(FAR))
    tracker, torn = Tracker(Blind(lambda at: there(at) or (Actor(FAR),))), 0
    for at in times(4):
        try:
            assert tracker(frame(at))[1] == ()
        except PictureError:
            torn += 1
    assert torn > 30
    assert tracker.end() == ()


def test_an_interruption_does_not_count_towards_the_loss_of_a_face() -> None:
    # The detector misses it at first when frames come again.
    script = Scripted(lambda at: () if 5 <= at < 5.3 else (Actor(BOX),))
    tracker = Tracker(script, lost_after=0.9)
    play(tracker, times(2))
    tracker.interrupt("frozen", 2.0)
    assert kinds(play(tracker, times(1, start=5.0))[1]) == ["resumed"]


@pytest.mark.parametrize("count", range(30, 36))
def test_after_an_interruption_the_whole_picture_is_searched(count: int) -> None:
    """However short it was: the camera may show something else."""
    script = Scripted(always(Actor(BOX)))
    tracker, (*moments, last) = Tracker(script), times((count + 1) / 30)
    play(tracker, moments)
    tracker.interrupt("opened again")
    play(tracker, [last])
    assert script.looks[-1] == (last, None)
