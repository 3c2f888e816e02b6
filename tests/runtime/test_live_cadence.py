"""Where is looked, and when."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

import fer_edge
from fer_edge.face import Box
from fer_edge.frame import Frame
from fer_edge.live import Tracker
from fer_edge.live.tracking.budget import Budget
from tests.measure.cadence import delays, frames, overlap
from tests.measure.ten_faces import Known, microseconds
from tests.runtime.scripted import Actor, Scripted, frame, times

BOX = Box(100, 100, 80, 90)
TEN = tuple(Actor(Box(60 * n + 5, 60 + 40 * (n % 5), 50, 55)) for n in range(10))


def looks(tracker: Tracker, script: Scripted, moments: Sequence[float]) -> tuple[int, int, int]:
    """How often the whole picture was searched, a window, and an emotion read."""
    for at in moments:
        tracker(frame(at))
    whole = sum(within is None for _, within in script.looks)
    return whole, len(script.looks) - whole, sum(count for _, count in script.reads)


@pytest.mark.parametrize(
    ("rate", "expected"), [(10.0, 50), (15.0, 100), (24.0, 96), (30.0, 100), (60.0, 100)]
)
def test_one_face_is_looked_for_fifteen_times_a_second_and_read_in_every_frame(
    rate: float, expected: int
) -> None:
    script = Scripted(lambda at: (Actor(BOX),))
    whole, windows, reads = looks(Tracker(script), script, times(10, rate))
    assert whole == pytest.approx(50, abs=5)
    assert windows == pytest.approx(expected, abs=5)
    assert whole + windows <= 151
    assert reads == 10 * rate - 1


@pytest.mark.parametrize("rate", [10.0, 12.0, 15.0, 24.0, 25.0, 30.0, 60.0])
def test_emotions_are_read_as_often_as_asked(rate: float) -> None:
    script = Scripted(lambda at: (Actor(BOX),))
    reads = looks(Tracker(script, read_every=0.1), script, times(10, rate))[2]
    assert reads == pytest.approx(100, abs=2)


def test_nothing_is_searched_in_between_where_nobody_is() -> None:
    script = Scripted(lambda at: ())
    assert looks(Tracker(script), script, times(10)) == (50, 0, 0)


def test_windows_are_larger_than_the_face_and_follow_it() -> None:
    def there(at: float) -> Box:
        return BOX.moved(100 * at, 20 * at)

    script = Scripted(lambda at: (Actor(there(at)),))
    looks(Tracker(script), script, times(3))
    windows = [(at, window) for at, window in script.looks if window is not None and at > 0.5]
    assert len(windows) > 20
    for at, window in windows:
        centre = there(at).square(1.0)
        assert window.x + window.width / 2 == pytest.approx(centre.x + centre.width / 2, abs=8)
        assert 1.4 * 90 < window.width < 1.8 * 90


@pytest.mark.parametrize("count", [5, 10])
def test_many_faces_are_found_in_the_whole_picture_of_every_second_frame(count: int) -> None:
    script = Scripted(lambda at: TEN[:count])
    whole, windows, reads = looks(Tracker(script), script, times(4))
    # Two on end at the beginning: a face appears when it is seen twice.
    assert whole == pytest.approx(60, abs=2)
    assert windows == 0
    assert reads == (whole - 1) * count


@pytest.mark.parametrize("count", [2, 3])
def test_a_few_faces_are_looked_for_and_read_in_every_second_frame(count: int) -> None:
    apart = (Actor(BOX), Actor(BOX.moved(200, 0)), Actor(BOX.moved(400, 0)))
    script = Scripted(lambda at: apart[:count])
    whole, windows, reads = looks(Tracker(script), script, times(4))
    assert whole == pytest.approx(20, abs=2)
    assert windows == pytest.approx(count * 40, abs=9)
    assert reads == pytest.approx(count * 60, abs=6)


def test_two_faces_near_each_other_are_looked_for_in_every_frame() -> None:
    script = Scripted(lambda at: (Actor(BOX), Actor(BOX.moved(100, 0))))
    whole, windows, reads = looks(Tracker(script), script, times(4))
    assert whole == pytest.approx(20, abs=2)
    assert windows == 2 * (120 - whole)
    assert reads == pytest.approx(2 * 60, abs=4)


def test_a_face_that_was_missed_is_looked_for_in_the_next_frame() -> None:
    script = Scripted(lambda at: () if 1.05 < at < 1.15 else (Actor(BOX),))
    tracker = Tracker(script)
    looks(tracker, script, times(2))
    looked = [at for at, _ in script.looks]
    missed = next(at for at in looked if 1.05 < at < 1.15)
    assert {at for at in times(2) if missed <= at < 1.16} <= set(looked)


def test_at_a_low_rate_many_faces_are_looked_for_in_every_frame() -> None:
    script = Scripted(lambda at: TEN)
    assert looks(Tracker(script), script, times(4, 10.0)) == (40, 0, 390)


def test_without_windows_every_frame_is_searched_whoever_is_there() -> None:
    script = Scripted(lambda at: TEN)
    assert looks(Tracker(script, detect_every=0), script, times(2))[0] == 60


@pytest.mark.parametrize(("count", "speed"), [(1, 100), (1, 40), (2, 40), (10, 40)])
def test_between_two_looks_faces_move_on(count: int, speed: int) -> None:
    def there(at: float) -> tuple[Actor, ...]:
        return tuple(Actor(one.box.moved(0, speed * at)) for one in TEN[:count])

    script, least = Scripted(there), 1.0
    tracker = Tracker(script)
    for at in times(3):
        faces = tracker(frame(at))[0].faces
        if at > 0.5:
            assert len(faces) == count
            for face in faces:
                least = min(least, max(face.box.iou(one.box) for one in there(at)))
    assert least > 0.9


def test_a_newcomer_among_many_is_confirmed_in_the_next_frame() -> None:
    script = Scripted(lambda at: TEN[:9] if at < 1.02 else TEN)
    tracker, told = Tracker(script), []
    for at in times(2):
        told += [one.exposed_at for one in tracker(frame(at))[1] if one.kind == "appear"]
    assert len(told) == 10
    assert told[-1] <= 1.02 + 0.1 + 1e-6


def test_who_leaves_among_many_is_told_in_time() -> None:
    script = Scripted(lambda at: TEN if at < 1 else TEN[:9])
    tracker, told = Tracker(script), []
    for at in times(4):
        told += [one.exposed_at for one in tracker(frame(at))[1] if one.kind == "leave"]
    assert told == [pytest.approx(2.5, abs=0.07)]


def test_a_face_that_is_gone_is_not_looked_for_in_windows_for_long() -> None:
    script = Scripted(lambda at: (Actor(BOX),) if at < 1 else ())
    looks(Tracker(script), script, times(3))
    assert max(at for at, window in script.looks if window is not None) <= 1.4


@pytest.mark.parametrize(
    ("faces", "cost", "rarer"),
    [(1, 0.02, False), (1, 0.04, True), (3, 0.02, False), (3, 0.04, True)],
)
def test_a_budget_counts_each_reading(faces: int, cost: float, rarer: bool) -> None:
    """One face is read in each of 30 frames a second, several 15 times each."""
    budget = Budget(0.99, 0.2, 0.0)
    for at in times(3):
        budget.spent("read", cost, 1)
        budget.choose(at, 1 / 30, faces)
    assert budget.work.within_budget
    assert (budget.read_every > 0) == rarer


def test_a_budget_makes_looks_rarer() -> None:
    class Slow(Scripted):
        def detect(self, frame: Frame, within: Box | None = None) -> tuple[fer_edge.Detection, ...]:
            time.sleep(0.02 if within is None else 0.001)
            return super().detect(frame, within)

    script = Slow(lambda at: (Actor(BOX),))
    tracker = Tracker(script, budget=0.08)
    looks(tracker, script, times(4))
    # 0.02 s five times a second take 0.10 of a core alone.
    assert tracker.work.detect_every > 0.2
    assert tracker.work.read_every > 0
    before = len([at for at, window in script.looks if window is None])
    looks(tracker, script, times(4, start=4.0))
    assert len([at for at, window in script.looks if window is None]) - before < 18


def test_a_newcomer_is_told_within_a_quarter_of_a_second(
    recognizer: fer_edge.Recognizer,
) -> None:
    late = sorted(delays(recognizer, 30.0, 20))
    assert len(late) == 20
    assert late[18] <= 0.25


@pytest.mark.parametrize("rate", [5.0, 10.0, 15.0])
def test_at_lower_rates_it_takes_two_frames_more(
    rate: float, recognizer: fer_edge.Recognizer
) -> None:
    late = sorted(delays(recognizer, rate, 20))
    assert len(late) == 20
    assert late[18] <= 0.2 + 2 / rate


def test_boxes_are_those_of_full_detection_on_the_sample(recognizer: fer_edge.Recognizer) -> None:
    share, least = overlap(recognizer, frames("sample", 150))
    assert share >= 0.99
    assert least > 0.5


@pytest.mark.parametrize("clip", ["single_face.mp4", "asl_book.mkv", "face_noface.mov"])
def test_boxes_are_those_of_full_detection_on_clips(
    clip: str, recognizer: fer_edge.Recognizer, shared: Callable[[str], Path]
) -> None:
    assert overlap(recognizer, frames(str(shared(f"clips/{clip}")), 90))[0] >= 0.99


def test_ten_faces_cost_little() -> None:
    """0.2 ms on a free core, as tests/measure/ten_faces.py shows; a busy one is given more."""
    took = sorted(microseconds(Known()))
    assert took[len(took) // 20] < 1000


def test_faces_side_by_side_are_found_once_in_each_others_windows() -> None:
    # A detector that minds no window gives both faces in both, though they overlap by half.
    class Everywhere(Scripted):
        def detect(self, frame: Frame, within: Box | None = None) -> tuple[fer_edge.Detection, ...]:
            self.looks.append((frame.timestamp, within))
            return super().detect(frame)

    script = Everywhere(lambda at: (Actor(BOX), Actor(BOX.moved(30, 0), "sad")))
    tracker = Tracker(script)
    looks(tracker, script, times(2))
    faces = tracker(frame(2.0))[0].faces
    assert [face.track_id for face in faces] == [1, 2]
    assert all(face.last_seen == 2.0 for face in faces)
