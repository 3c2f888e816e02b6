"""Calibration finds what was done to probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax

from train.emotion.measuring.calibration import likeliest_temperature


@pytest.mark.parametrize("applied", [0.5, 1.0, 1.7])
def test_it_finds_the_temperature_that_was_applied(applied: float) -> None:
    random = np.random.default_rng(0)
    logits = random.normal(0, 2, (40_000, 5))
    right = (softmax(logits, axis=1).cumsum(axis=1) < random.random((40_000, 1))).sum(axis=1)
    assert likeliest_temperature(applied * logits, right) == pytest.approx(applied, rel=0.03)


def test_hopeless_logits_give_finite_answers() -> None:
    right = np.arange(3)
    for logits in (np.zeros((3, 3)), 1e4 * np.eye(3), -1e4 * np.eye(3)):
        assert 0.05 <= likeliest_temperature(logits, right) <= 20
