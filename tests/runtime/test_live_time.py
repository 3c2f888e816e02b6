"""Interruptions, and times that frames may have."""

from __future__ import annotations

import time
from functools import partial

import pytest

from fer_edge.errors import ArgumentError
from fer_edge.face import Box
from fer_edge.live import Event, Tracker
from fer_edge.live.delivery.hold import Hold
from fer_edge.live.delivery.hub import of_hold
from tests.runtime.scripted import (
    Actor,
    Scripted,
    always,
    frame,
    kinds,
    play,
    times,
)

BOX = Box(100, 100, 80, 90)


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


@pytest.mark.parametrize(("gap", "expected"), [(4.0, []), (60.0, ["leave", "appear", "change"])])
@pytest.mark.parametrize("resumed", [False, True])
def test_an_interruption_without_times_is_as_long_as_the_frames_say(
    gap: float, expected: list[str], resumed: bool
) -> None:
    tracker = Tracker(Scripted(always(Actor(BOX))))
    play(tracker, times(2))
    assert tracker.interrupt("unplugged")[0].exposed_at == pytest.approx(2 - 1 / 30)
    told = list(tracker.resume()) if resumed else []
    told += play(tracker, times(2, start=2 + gap))[1]
    assert kinds(told) == ["resumed", *expected]


def test_interruptions_may_follow_each_other_before_a_frame() -> None:
    tracker = Tracker(Scripted(always(Actor(BOX))))
    play(tracker, times(2))
    told = [*tracker.interrupt("gone"), *tracker.resume(), *tracker.interrupt("gone again")]
    told += [*tracker.interrupt("and again"), *tracker.resume(), *tracker.resume()]
    assert kinds(told) == ["interrupted", "resumed"] * 2


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


def test_a_clock_that_is_set_anew_tells_no_hold_twice() -> None:
    tracker, hold = Tracker(Scripted(always(Actor(BOX)))), Hold("happy")
    readings = play(tracker, times(2, start=100.0))[0] + play(tracker, times(2))[0]
    told = [event for reading in readings for event in hold(reading)]
    assert [event.track_id for event in told] == [1]


def test_a_time_that_stands_still_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    tracker = Tracker(Scripted(always(Actor(BOX))))
    # Some frames arrive in one piece: that is nothing to be told of.
    play(tracker, sorted([*times(1), *times(1)]))
    assert caplog.records == []
    play(tracker, [*[1.0] * 30, *times(1, start=2.0), *[3.0] * 30])
    (told,) = caplog.records
    assert "10 frames in a row have the same time 1.0" in told.getMessage()


def test_times_that_run_backwards_are_one_warning(caplog: pytest.LogCaptureFixture) -> None:
    play(Tracker(Scripted(always(Actor(BOX)))), times(2)[::-1])
    (told,) = caplog.records
    assert told.getMessage() == "3 frames in a row are earlier than the one before: times must grow"


@pytest.mark.parametrize("at", [float("nan"), float("inf")])
def test_a_time_that_is_none_is_refused(at: float) -> None:
    tracker = Tracker(Scripted(always(Actor(BOX))))
    with pytest.raises(ArgumentError):
        tracker(frame(at))
    assert play(tracker, times(1))[0]


def test_time_may_come_from_a_function() -> None:
    moments = iter(times(2))
    tracker = Tracker(Scripted(always(Actor(BOX))), clock=lambda: next(moments))
    events = [event for at in times(2) for event in tracker(frame(77.0))[1]]
    assert kinds(events) == ["appear", "change"]
    assert {event.clock for event in events} == {"external"}
    assert all(event.age is None for event in events)


def test_the_function_tells_the_times_of_interruptions_too() -> None:
    now = [0.0]
    tracker = Tracker(Scripted(always(Actor(BOX))), clock=lambda: now[0])
    for now[0] in times(2):
        tracker(frame(77.0))
    now[0] = 5.0
    (interrupted,) = tracker.interrupt("unplugged")
    now[0] = 9.5
    (resumed,) = tracker.resume()
    assert (interrupted.exposed_at, resumed.exposed_at) == (5.0, 9.5)
    assert kinds(tracker(frame(77.0))[1]) == []


def test_one_wrong_time_does_not_blind_it() -> None:
    """For example, nanoseconds."""
    tracker = Tracker(Scripted(always(Actor(BOX))))
    for wrong in (1.7e18, 1e300):
        play(tracker, [*times(1), wrong])
        events = play(tracker, times(2))[1]
        assert kinds(events)[-2:] == ["appear", "change"]
        assert events[-1].exposed_at < 0.5


def test_unseen_time_does_not_count_towards_a_hold() -> None:
    for hold_time, lost_after, back in ((0.5, 1.5, 1.6), (1.0, 3.0, 1.6), (1.0, 1.5, 1.05)):
        # Seen with the label for a tenth of a second, then for a while not at all.
        away = partial(lambda back, at: [] if 0.55 <= at < back else [Actor(BOX)], back)
        tracker = Tracker(Scripted(away), lost_after=lost_after)
        hold = Hold("happy", hold_time)
        readings = play(tracker, times(4))[0]
        told = [event for reading in readings for event in hold(reading)]
        assert [event.track_id for event in told] == [1]
        assert told[0].exposed_at >= back + hold_time - 0.15
        assert told[0].held == pytest.approx(hold_time, abs=0.1)


def test_a_face_that_is_missed_now_and_then_is_held() -> None:
    tracker = Tracker(Scripted(lambda at: [] if 0.2 < at % 0.5 < 0.4 else [Actor(BOX)]))
    hold = Hold("happy", 2.0)
    told = [event for reading in play(tracker, times(3))[0] for event in hold(reading)]
    assert [event.exposed_at < 2.7 for event in told] == [True]


def test_an_interruption_does_not_count_towards_a_hold() -> None:
    tracker, told = Tracker(Scripted(always(Actor(BOX)))), list[Event]()
    select = of_hold(Hold("happy", 0.5))

    def go_on(moments: list[float]) -> None:
        for at in moments:
            told.extend(select(*tracker(frame(at))))

    go_on(times(0.6))
    tracker.interrupt("paused", 0.6)
    go_on(times(0.2, start=3.0))
    assert told == []
    go_on(times(1, start=3.2))
    assert [event.exposed_at < 3.6 for event in told] == [True]


def test_events_do_not_go_back_in_time() -> None:
    """An interruption is noticed while a frame is still on its way: that one was taken before."""
    tracker, now = Tracker(Scripted(always(Actor(BOX)))), time.monotonic()
    for at in times(1, start=now - 1):
        tracker(frame(at, clock="monotonic"))
    (interrupted,) = tracker.interrupt("paused")
    (resumed,) = tracker(frame(now, clock="monotonic"))[1]
    assert now <= interrupted.exposed_at <= resumed.exposed_at < time.monotonic()


def test_faces_that_leave_at_the_end_do_not_leave_before_the_interruption() -> None:
    tracker, now = Tracker(Scripted(always(Actor(BOX)))), time.monotonic()
    for at in times(1, start=now - 1):
        tracker(frame(at, clock="monotonic"))
    (interrupted,) = tracker.interrupt("frozen")
    (gone,) = tracker.end()
    assert gone.kind == "leave"
    assert gone.exposed_at == interrupted.exposed_at
    # After frames came again, their times count.
    for at in times(1, start=now + 1):
        tracker(frame(at, clock="monotonic"))
    (gone,) = tracker.end()
    assert gone.exposed_at == pytest.approx(now + 2 - 1 / 30)
