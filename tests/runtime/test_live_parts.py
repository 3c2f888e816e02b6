"""The small parts of the live layer, each alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from fer_edge.errors import ArgumentError
from fer_edge.face import Box
from fer_edge.live import Tracker
from fer_edge.live.faces.direction import Direction
from fer_edge.live.faces.one_euro import OneEuro
from fer_edge.live.faces.outline import Outline, Outlines
from fer_edge.live.faces.primary import Primary
from fer_edge.live.tracking.budget import Budget
from fer_edge.live.tracking.timeline import LONGEST_JUMP_SECONDS, Timeline
from tests.runtime.scripted import Actor, Scripted, always, between, play, seen, times

BOX = Box(100, 100, 80, 90)
Script = Callable[[float], Sequence[Actor]]


def casiez(values: list[float], rate: float, one: OneEuro) -> list[float]:
    """The filter as its authors write it, value by value."""

    def weight(cutoff: float) -> float:
        tau = 1 / (2 * math.pi * cutoff)
        return 1 / (1 + tau * rate)

    filtered, slope, told = values[0], 0.0, [values[0]]
    for value in values[1:]:
        slope += weight(one.slope_cutoff) * ((value - filtered) * rate - slope)
        filtered += weight(one.min_cutoff + one.beta * abs(slope)) * (value - filtered)
        told.append(filtered)
    return told


def test_the_one_euro_filter_is_its_authors() -> None:
    chance = np.random.default_rng(0)
    values = np.cumsum(chance.normal(0, 1, (200, 3)), axis=0)
    one = OneEuro(0.8, 0.3, 1.2)
    before, slopes, told = values[0], np.zeros(3), [values[0]]
    for row in values[1:]:
        before, slopes = one.step(before, slopes, row, np.array(1 / 25), np.array(1.0))
        told.append(before)
    for column in range(3):
        expected = casiez(values[:, column].tolist(), 25, one)
        assert np.array(told)[:, column] == pytest.approx(expected)


def test_a_resting_face_is_still_and_a_moving_one_lags_little() -> None:
    chance, outlines, outline = np.random.default_rng(0), Outlines(), Outline()
    rest = []
    for at in times(4):
        jitter = chance.normal(0, 1.5, 2)
        told = outlines.follow([outline], [seen(BOX.moved(*jitter))], at)[0]
        rest.append(told.box.x)
    # Stiller by more than a third; a stiller filter read a new face in an old place too long.
    assert np.std(rest[60:]) < 0.65 * 1.5
    for at in times(2, start=4.0):
        true = BOX.moved(160 * (at - 4), 0)
        told = outlines.follow([outline], [seen(true)], at)[0]
    assert told.box.iou(true) > 0.85
    assert told.landmarks[0][0] - told.box.x == pytest.approx(0.3 * 80, abs=2)


def test_outlines_of_other_landmarks_start_anew() -> None:
    outlines, outline = Outlines(), Outline()
    outlines.follow([outline], [seen(BOX)], 0.0)
    bare = seen(BOX.moved(50, 0))
    bare = type(bare)(bare.box, bare.square, bare.score)
    told = outlines.follow([outline, Outline()], [bare, seen(BOX)], 0.1)
    assert told[0] == bare
    assert told[1] == seen(BOX)


def test_time_never_goes_back() -> None:
    line = Timeline()
    assert line.advance(10.0) == 0
    for at in times(1, start=10.0)[1:]:
        assert line.advance(at) == pytest.approx(1 / 30)
    assert line.advance(3.0) == pytest.approx(line.interval)
    assert line.now - line.shift == pytest.approx(3.0)
    assert line.advance(3.5) == pytest.approx(0.5)
    assert line.advance(3.5) == 0
    assert line.advance(100.0) == pytest.approx(96.5)
    with pytest.raises(ArgumentError):
        line.advance(float("nan"))


@pytest.mark.parametrize("order", [(1, 3, 2, 5, 4, 7, 6, 9, 8, 10), (1, 4, 3, 2, 7, 6, 5, 10)])
def test_time_runs_as_fast_where_frames_come_out_of_order(
    order: tuple[int, ...], caplog: pytest.LogCaptureFixture
) -> None:
    line = Timeline()
    passed = [line.advance(at / 30) for at in order]
    assert min(passed) >= 0
    # The last frame's time may be an interval ahead.
    assert sum(passed) == pytest.approx(9 / 30, abs=0.004)
    assert line.shift == 0
    assert [one.getMessage() for one in caplog.records if one.levelname == "WARNING"] == [
        "frames come in another order than they were taken in: is that meant?"
    ]
    assert line.advance(1e18) <= LONGEST_JUMP_SECONDS


def test_a_recording_that_is_played_again_is_not_out_of_order() -> None:
    line = Timeline()
    passed = [line.advance(at / 30) for _ in range(20) for at in range(30)]
    assert sum(passed) == pytest.approx(600 / 30, abs=0.05)


def test_offsets_and_bearings() -> None:
    straight, mirrored = Direction(90.0), Direction(90.0, mirror=True)
    middle = Box(300, 220, 40, 40)
    assert straight.offset(middle, 640, 480) == (0, 0)
    lower_right = Box(620, 460, 40, 40)
    assert straight.offset(lower_right, 640, 480) == (1, 1)
    assert mirrored.offset(lower_right, 640, 480) == (-1, 1)
    right, down = straight.bearing((1, 1), 640, 480) or (0, 0)
    assert right == pytest.approx(45)
    assert down == pytest.approx(math.degrees(math.atan(480 / 640)))
    assert Direction().bearing((1, 1), 640, 480) is None
    with pytest.raises(ArgumentError, match="hfov"):
        Direction(0)


class Shown:
    """A face as `Primary` looks at it."""

    def __init__(self, track_id: int, side: float, last_seen: float) -> None:
        self.track_id, self.last_seen = track_id, last_seen
        self.box = Box(0, 0, side, side)


def chosen(primary: Primary, at: float, *faces: tuple[int, float, float]) -> int | None:
    face = primary.choose([Shown(*one) for one in faces], at)  # type: ignore[misc]
    return None if face is None else face.track_id


def test_the_primary_face_does_not_waver() -> None:
    primary = Primary()
    assert chosen(primary, 0.0) is None
    assert chosen(primary, 0.1, (1, 50, 0.1), (2, 60, 0.1)) == 2
    # A little larger for long, or much larger for a moment, is not enough.
    for at in times(2, start=0.2):
        assert chosen(primary, at, (1, 70, at), (2, 60, at)) == 2
    assert chosen(primary, 2.3, (1, 120, 2.3), (2, 60, 2.3)) == 2
    assert chosen(primary, 2.4, (1, 60, 2.4), (2, 60, 2.4)) == 2
    # Two moments do not add up.
    assert chosen(primary, 2.7, (1, 120, 2.7), (2, 60, 2.7)) == 2
    assert chosen(primary, 3.1, (1, 120, 3.1), (2, 60, 3.1)) == 1
    # Who is not seen gives way after a moment, if there is somebody else.
    assert chosen(primary, 3.4, (1, 120, 3.1), (2, 60, 3.4)) == 1
    assert chosen(primary, 3.7, (1, 120, 3.1), (2, 60, 3.7)) == 2
    assert chosen(primary, 5.2, (1, 120, 3.1), (2, 60, 3.7)) == 2
    assert chosen(primary, 6.2, (1, 120, 3.1)) is None


def test_a_clock_that_is_set_anew_keeps_no_farther_face_primary() -> None:
    primary = Primary()
    assert chosen(primary, 100.0, (1, 60, 100.0), (2, 50, 100.0)) == 1
    assert chosen(primary, 100.1, (1, 60, 100.1), (2, 120, 100.1)) == 1
    # The frames' times begin anew: as when a recording is played again.
    assert chosen(primary, 0.0, (1, 60, 0.0), (2, 120, 0.0)) == 1
    assert chosen(primary, 0.4, (1, 60, 0.4), (2, 120, 0.4)) == 2


def test_a_budget_makes_work_rarer_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    budget = Budget(0.10, 0.2, 0.0)

    def second(start: float, whole: float, window: float, read: float, faces: int) -> None:
        for at in times(3, start=start):
            for kind, cost in (("whole", whole), ("window", window), ("read", read)):
                budget.spent(kind, cost, 1)
            budget.choose(at, 1 / 30, faces)

    with caplog.at_level("INFO", logger="fer_edge.live.tracking.budget"):
        second(0, 0.002, 0.0005, 0.0005, 1)
        assert (budget.detect_every, budget.read_every) == (0.2, 0.0)
        second(3, 0.016, 0.001, 0.002, 1)
        assert budget.detect_every > 0.2
        assert budget.read_every > 0.0
        assert budget.work.within_budget
        assert "whole picture every" in caplog.text
        second(6, 0.1, 0.01, 0.01, 5)
        assert not budget.work.within_budget
        assert "too little" in caplog.text
        for start in range(9, 60, 3):
            second(start, 0.002, 0.0005, 0.0005, 1)
        assert (budget.detect_every, budget.read_every) == (0.2, 0.0)


def test_a_budget_never_does_more_than_was_asked() -> None:
    budget = Budget(1.0, 0.7, 0.3)
    for at in times(3):
        budget.spent("whole", 0.9, 1)
        budget.choose(at, 1 / 30, 1)
    assert budget.detect_every >= 0.7
    assert budget.read_every >= 0.3


def test_the_share_of_a_core_is_measured() -> None:
    budget = Budget(None, 0.2, 0.0)
    for _ in range(200):
        budget.frame(0.010, 0.040)
    assert budget.work.share == pytest.approx(0.25)


def either(one: Script, other: Script) -> Script:
    """The actors of both."""
    return lambda at: (*one(at), *other(at))


@pytest.mark.parametrize("rate", [15.0, 25.0, 30.0, 60.0])
@pytest.mark.parametrize("side", [10, 60, 120])
def test_a_face_that_is_found_smaller_at_once_keeps_a_size(rate: float, side: float) -> None:
    """A detector may find a part of a face instead of it. Between two looks faces move on at their
    speed, and the speed of that change would take the box through nothing, to below 0."""
    large, small = Box(200, 120, 200, 240), Box(300 - side / 2, 240 - side / 2, side, side)
    for shift in range(6):
        change = 1 + shift / 30
        before, after = between(0, change, Actor(large)), between(change, 9, Actor(small))
        tracker = Tracker(Scripted(either(before, after)))
        boxes = [one.box for reading in play(tracker, times(2, rate))[0] for one in reading.faces]
        # A face appears when it is seen twice.
        assert len(boxes) > rate
        for box in boxes:
            assert min(box.width, box.height) > side / 3
            assert abs(box.x + box.width / 2 - 300) < 6
            assert abs(box.y + box.height / 2 - 240) < 6


def test_times_that_are_no_seconds_are_told_of_once(caplog: pytest.LogCaptureFixture) -> None:
    tracker = Tracker(Scripted(always(Actor(BOX))))
    play(tracker, [n * 6.0 for n in range(9)])
    assert caplog.records == []
    # Milliseconds: no face ever appears.
    assert play(tracker, [at * 1e3 for at in times(5, start=1.0)])[1] == []
    (told,) = caplog.records
    assert "are the times in seconds?" in told.getMessage()
