"""Back-off: doubling, bounded, and anew after ten seconds of frames."""

from __future__ import annotations

from typing import Any

import pytest

from fer_edge import ArgumentError
from fer_edge.live.frames.retry import BackOff, Retry


def test_waits_double_up_to_the_maximum() -> None:
    back_off = BackOff(Retry(initial=0.5, maximum=3))
    assert [back_off.fault() for _ in range(6)] == [0.5, 1, 2, 3, 3, 3]


def test_it_starts_anew_after_ten_seconds_of_frames() -> None:
    back_off = BackOff(Retry())
    assert [back_off.fault(), back_off.fault()] == [0.5, 1]
    for tenth in range(99):
        back_off.frame(10 + tenth / 10)
    assert back_off.fault() == 2
    for tenth in range(101):
        back_off.frame(30 + tenth / 10)
    assert back_off.fault() == 0.5


def test_steady_frames_forgive_only_the_faults_before_them() -> None:
    back_off = BackOff(Retry())
    for second in range(20):
        back_off.frame(second)
    assert [back_off.fault() for _ in range(3)] == [0.5, 1, 2]
    # The frames of two openings do not add up, nor does the time between them.
    back_off.frame(30)
    back_off.frame(39)
    assert back_off.fault() == 4
    back_off.frame(41)
    assert back_off.fault() == 8


def test_silence_does_not_count_as_frames() -> None:
    back_off = BackOff(Retry())
    assert back_off.fault() == 0.5
    back_off.frame(1)
    assert back_off.fault() == 1


def test_it_gives_up_after_so_many_attempts_in_a_row() -> None:
    back_off = BackOff(Retry(attempts=2))
    assert [back_off.fault() for _ in range(4)] == [0.5, 1, None, None]
    assert BackOff(Retry(attempts=0)).fault() is None


def test_days_of_faults_overflow_nothing() -> None:
    back_off = BackOff(Retry())
    assert {back_off.fault() for _ in range(5000)} == {0.5, 1, 2, 4, 8, 16, 30}


@pytest.mark.parametrize(
    "fields",
    [
        {"initial": 0},
        {"initial": -1},
        {"initial": float("nan")},
        {"initial": True},
        {"initial": "1"},
        {"maximum": float("inf")},
        {"maximum": 0.1},
        {"attempts": -1},
        {"attempts": 1.5},
        {"attempts": True},
        {"at_start": 1},
    ],
)
def test_what_is_out_of_range_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError):
        Retry(**fields)


def test_a_maximum_below_the_first_wait_names_both() -> None:
    with pytest.raises(ArgumentError, match=r"maximum must not be below initial, .* 5 s; got 1\.0"):
        Retry(initial=5, maximum=1)
