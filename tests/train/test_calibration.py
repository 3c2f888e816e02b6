"""Vector scaling finds what was done to probabilities."""

from __future__ import annotations

import numpy as np
import pytest

from train.measuring.calibration import vector_scaling


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def test_it_finds_the_temperature_and_biases_that_were_applied() -> None:
    random = np.random.default_rng(0)
    right = random.normal(0, 2, (4000, 5))
    biases = np.array([0.5, -0.3, 0.1, -0.4, 0.1])
    wanted = softmax(right).astype(np.float32)
    temperature, found = vector_scaling(right * 1.7 - biases, wanted)
    assert temperature == pytest.approx(1.7, abs=0.01)
    assert found == pytest.approx(biases, abs=0.01)


def test_what_is_calibrated_stays_as_it_is() -> None:
    logits = np.random.default_rng(1).normal(0, 2, (2000, 7))
    temperature, biases = vector_scaling(logits, softmax(logits).astype(np.float32))
    assert temperature == pytest.approx(1, abs=0.01)
    assert np.abs(biases).max() < 0.01


def test_hopeless_logits_give_finite_answers() -> None:
    wanted = np.eye(3, dtype=np.float32)
    for logits in (np.zeros((3, 3)), 1e4 * np.eye(3), -1e4 * np.eye(3)):
        temperature, biases = vector_scaling(logits, wanted)
        assert 0.05 <= temperature <= 20
        assert np.isfinite(biases).all()
