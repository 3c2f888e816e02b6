"""The rate at each step is what the settings say."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from train.emotion.learning_rate import learning_rate
from train.emotion.settings import Settings
from train.errors import RunError

STEPS = 10


def rates(chosen: dict[str, float] | None = None) -> list[float]:
    settings = Settings.of(
        "lenet", {"optimizer.learning_rate": 0.3, "training.epochs": 6, **(chosen or {})}
    )
    schedule = learning_rate(settings, STEPS)
    config = keras.optimizers.schedules.serialize(schedule)
    again = keras.optimizers.schedules.deserialize(config)
    values = [float(schedule(step)) for step in range(6 * STEPS)]
    assert [float(again(step)) for step in range(6 * STEPS)] == values
    return values


def test_one_cosine() -> None:
    values = rates()
    assert values[:11] == pytest.approx(np.linspace(0, 0.3, 11), abs=1e-6)
    assert (np.diff(values[10:]) < 0).all()
    assert values[35] == pytest.approx(0.15, abs=1e-6)
    assert values[-1] < 0.001


def test_cycles_of_falling_peaks() -> None:
    values = rates({"optimizer.cycles": 2})
    assert values[:11] == pytest.approx(np.linspace(0, 0.3, 11), abs=1e-6)
    assert values[20] == pytest.approx(0.15, abs=1e-6)
    assert values[29] < 0.003
    assert values[30:] == pytest.approx(np.multiply(values[:30], 2 / 3), abs=1e-6)


def test_a_drop() -> None:
    values = rates({"optimizer.drop_at": 4})
    assert values[:41] == pytest.approx([0.3] * 41)
    assert values[41:] == pytest.approx([0.03] * 19)


def test_cycles_and_a_drop_contradict_each_other() -> None:
    with pytest.raises(RunError, match=r"choose optimizer\.cycles or"):
        rates({"optimizer.cycles": 2, "optimizer.drop_at": 4})
