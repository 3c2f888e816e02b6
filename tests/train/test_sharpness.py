"""Momentum-SAM against its algorithm, step by step, and what it leaves."""

from __future__ import annotations

import keras
import numpy as np
import numpy.typing as npt
import pytest

from train.errors import RunError
from train.learning.sharpness import MomentumSAM
from train.settings import Settings

RATE, RADIUS = 0.1, 0.5
SLOPE = np.array([3.0, 0.5], np.float32)


def _model(**choices: float) -> keras.Model:
    """Its loss is the sum of SLOPE times its weights' squares."""
    inputs = keras.Input((2,))
    model = keras.Model(inputs, keras.layers.Dense(1, use_bias=False)(inputs))
    model.set_weights([np.ones((2, 1), np.float32)])
    model.compile(MomentumSAM(RATE, RADIUS, momentum=0.9, **choices), loss="mse")
    return model


def _train(model: keras.Model, epochs: int) -> npt.NDArray[np.float32]:
    faces = np.diag(np.sqrt(2 * SLOPE)).astype(np.float32)
    model.fit(faces, np.zeros((2, 1), np.float32), batch_size=2, epochs=epochs, verbose=0)
    return np.asarray(model.get_weights()[0][:, 0])


def _by_hand(steps: int) -> list[npt.NDArray[np.float64]]:
    """The weights before each step and after the last."""
    weights, momentum = np.ones(2), np.zeros(2)
    path = [weights]
    for _ in range(steps):
        length = np.linalg.norm(momentum)
        ahead = weights - RADIUS * momentum / length if length else weights
        momentum = 0.9 * momentum + 2 * SLOPE * ahead
        weights = weights - RATE * momentum
        path.append(weights)
    return path


@pytest.mark.parametrize("steps", [1, 2, 5])
def test_steps_are_the_algorithms_and_the_end_is_at_the_weights(steps: int) -> None:
    np.testing.assert_allclose(_train(_model(), steps), _by_hand(steps)[-1], rtol=1e-4)


def test_it_averages_the_weights_and_not_the_points_ahead() -> None:
    _, average, *others = _by_hand(4)
    for weights in others:
        average = 0.5 * average + 0.5 * weights
    model = _model(use_ema=True, ema_momentum=0.5)
    np.testing.assert_allclose(_train(model, 4), average, rtol=1e-4)


def test_it_takes_the_momentum_of_sgd() -> None:
    with pytest.raises(RunError, match="drop --optimizer"):
        Settings("edge", optimizer="adam", sharpness=1.0)
