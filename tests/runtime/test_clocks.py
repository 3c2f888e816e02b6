"""A tracker gets frames of one clock, and says so where it does not."""

from __future__ import annotations

from typing import get_args

import pytest

from fer_edge.face import Box
from fer_edge.frame import Clock, Frame
from fer_edge.live import Tracker
from tests.runtime.scripted import PICTURE, Actor, Scripted, always

BOX = Box(100, 100, 80, 90)


def test_after_the_end_another_clock_may_begin(caplog: pytest.LogCaptureFixture) -> None:
    tracker = Tracker(Scripted(always(Actor(BOX))))
    for clock in get_args(Clock):
        tracker(Frame(PICTURE, 1.0, clock=clock))
        tracker.end()
    assert "clock" not in caplog.text


@pytest.mark.parametrize("mixed", [True, False])
def test_frames_of_two_clocks_are_told_of_once(
    mixed: bool, caplog: pytest.LogCaptureFixture
) -> None:
    tracker = Tracker(Scripted(always(Actor(BOX))))
    for number in range(8):
        clock: Clock = "external" if mixed and number % 2 else "recording"
        tracker(Frame(PICTURE, number / 30, clock=clock))
    told = [one.getMessage() for one in caplog.records if "clock" in one.getMessage()]
    assert len(told) == mixed
    assert all('"external" follows one of the clock "recording"' in one for one in told)
