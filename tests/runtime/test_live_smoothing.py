"""Labels that do not flicker and yet follow."""

from __future__ import annotations

import itertools
import math
import random
from typing import Any

import pytest

from fer_edge.errors import ArgumentError
from fer_edge.live import UNSURE, Smoothing
from fer_edge.live.faces.smoothing import SteadyLabel
from tests.runtime.scripted import probabilities, times


def states(label: SteadyLabel, readings: list[tuple[float, str, float]]) -> list[tuple[float, str]]:
    """When which state began."""
    told = []
    for at, name, probability in readings:
        if label.read(probabilities(name, probability), at) is not None:
            told.append((at, label.state))
    return told


def test_a_face_starts_unsure_for_its_minimum() -> None:
    told = states(SteadyLabel(Smoothing(), 0.0), [(at, "happy", 0.9) for at in times(1)])
    (at, state), *more = told
    assert at == pytest.approx(0.4, abs=0.04)
    assert (state, more) == ("happy", [])


def test_who_is_never_sure_stays_unsure() -> None:
    told = states(SteadyLabel(Smoothing(), 0.0), [(at, "happy", 0.45) for at in times(5)])
    assert told == []


def test_unsure_is_a_state_that_a_label_can_give_way_to() -> None:
    readings = [(at, "happy", 0.9 if at < 1 else 0.36) for at in times(3)]
    told = states(SteadyLabel(Smoothing(), 0.0), readings)
    assert [state for _, state in told] == ["happy", UNSURE]


def test_a_flicker_changes_nothing() -> None:
    readings = [
        (at, "sad" if at >= 1 and n % 5 == 0 else "happy", 0.9) for n, at in enumerate(times(5))
    ]
    assert len(states(SteadyLabel(Smoothing(), 0.0), readings)) == 1


def test_what_wavers_about_the_middle_changes_nothing() -> None:
    chance = random.Random(0)
    readings = [(at, "happy", chance.uniform(0.42, 0.58)) for at in times(60)]
    assert len(states(SteadyLabel(Smoothing(), 0.0), readings)) <= 1


@pytest.mark.parametrize("rate", [10.0, 15.0, 30.0, 60.0])
def test_a_true_switch_is_followed_within_a_quarter_of_a_second(rate: float) -> None:
    chance, late = random.Random(1), []
    for _ in range(200):
        first, second = chance.sample(("happy", "sad", "angry"), 2)
        switch = 1 + chance.random()
        readings = [(at, first if at < switch else second, 0.85) for at in times(3, rate)]
        told = states(SteadyLabel(Smoothing(), 0.0), readings)
        assert [state for _, state in told] == [first, second]
        late.append(told[-1][0] - switch)
    assert sorted(late)[189] <= 0.25


def switched_after(smoothing: Smoothing, sad: float, happy: float) -> float | None:
    """Seconds until a happy face that is read so is sad; None if it stays happy."""
    label = SteadyLabel(smoothing, 0.0)
    states(label, [(at, "happy", 0.9) for at in times(2, 100.0)])
    read = {"happy": happy, "sad": sad, "angry": 1 - sad - happy}
    late = (at - 2 for at in times(3, 100.0, 2.0) if label.read(read, at) is not None)
    return next(late, None)


@pytest.mark.parametrize("confirm", [0.0, 0.1, 0.5, 1.0])
def test_a_clear_lead_is_confirmed_for_as_long_as_asked(confirm: float) -> None:
    smoothing = Smoothing(confirm=confirm, time_constant=0)
    assert switched_after(smoothing, 0.8, 0.1) == pytest.approx(confirm, abs=0.011)


def test_a_small_lead_is_confirmed_later() -> None:
    smoothing = Smoothing(confirm=1.0, time_constant=0, hysteresis=0.1)
    late = [switched_after(smoothing, 0.55, happy) for happy in (0.05, 0.3)]
    assert late == pytest.approx([1.0, 2.0], abs=0.03)


def test_another_state_must_lead_by_the_hysteresis() -> None:
    leads = {0.12: False, 0.24: False, 0.26: True, 0.4: True}
    told = {one: switched_after(Smoothing(), 0.55, 0.55 - one) is not None for one in leads}
    assert told == leads
    assert switched_after(Smoothing(hysteresis=0.1), 0.55, 0.43) is not None


def test_a_lead_that_is_lost_is_confirmed_anew() -> None:
    # Each lead lasts half of what is asked; together they would be enough.
    label, readings = SteadyLabel(Smoothing(time_constant=0, confirm=0.1), 0.0), []
    for n, at in enumerate(times(3, 100.0)):
        readings.append((at, "sad" if at >= 1 and n % 10 < 5 else "happy", 0.9))
    assert [state for _, state in states(label, readings)] == ["happy"]


@pytest.mark.parametrize("rate", [5.0, 15.0, 30.0])
def test_no_state_is_shorter_than_its_minimum(rate: float) -> None:
    chance, label, readings = random.Random(2), SteadyLabel(Smoothing(), 0.0), []
    name, until = "happy", 0.0
    for at in times(120, rate):
        if at >= until:
            name, until = chance.choice(("happy", "sad", "angry")), at + chance.uniform(0.1, 1.0)
        readings.append((at, name, chance.uniform(0.5, 1.0)))
    began = [0.0, *(at for at, _ in states(label, readings))]
    assert len(began) > 30
    assert min(b - a for a, b in itertools.pairwise(began)) >= 0.4


def test_smoothing_is_over_time_not_frames() -> None:
    smoothing, ends = Smoothing(), []
    for rate in (10.0, 30.0, 100.0):
        label = SteadyLabel(smoothing, 0.0)
        label.read(probabilities("happy", 1.0), 0.0)
        states(label, [(at, "sad", 1.0) for at in times(0.3, rate, 1 / rate)])
        ends.append(label.probabilities["sad"])
    assert ends == pytest.approx([1 - math.exp(-0.3 / smoothing.time_constant)] * 3)


def test_other_labels_start_anew() -> None:
    label = SteadyLabel(Smoothing(), 0.0)
    label.read({"happy": 0.9, "sad": 0.1}, 0.0)
    label.read({"calm": 0.8, "sad": 0.2}, 0.1)
    assert max(label.probabilities.items(), key=lambda item: item[1])[0] == "calm"


@pytest.mark.parametrize("name", ["time_constant", "hysteresis", "confirm", "min_duration"])
@pytest.mark.parametrize("value", [-0.1, float("nan"), float("inf"), "0.1", True, None])
def test_wrong_numbers_are_named(name: str, value: Any) -> None:
    with pytest.raises(ArgumentError, match=name):
        Smoothing(**{name: value})
