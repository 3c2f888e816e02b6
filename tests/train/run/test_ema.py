"""The average of the weights, step by step, and what it is after few."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from train.run.ema import AveragedAdam, AveragedSGD, averaging
from train.run.epoch_end import EpochEnd
from train.run.folder import RunFolder

SLOPE = np.array([3.0, 0.5], np.float32)


def trained(share: float, epochs: int) -> np.ndarray:
    """The weights that are left; the loss is the sum of SLOPE times their squares."""
    inputs = keras.Input((2,))
    model = keras.Model(inputs, keras.layers.Dense(1, use_bias=False)(inputs))
    model.set_weights([np.ones((2, 1), np.float32)])
    model.compile(AveragedSGD(0.1, **averaging(share)), loss="mse", jit_compile=False)
    faces = np.diag(np.sqrt(2 * SLOPE)).astype(np.float32)
    model.fit(faces, np.zeros((2, 1), np.float32), batch_size=2, epochs=epochs, verbose=0)
    return np.asarray(model.get_weights()[0][:, 0])


@pytest.mark.parametrize(("share", "steps"), [(0.999, 1), (0.999, 12), (0.3, 12)])
def test_it_ramps_up_to_its_share(share: float, steps: int) -> None:
    weights, average = np.ones(2), np.zeros(2)
    for done in range(steps):
        weights = weights - 0.1 * 2 * SLOPE * weights
        kept = min(share, done / (9 + done))
        average = kept * average + (1 - kept) * weights
    np.testing.assert_allclose(trained(share, steps), average, rtol=1e-4)


def test_without_a_share_the_weights_are_left() -> None:
    np.testing.assert_allclose(trained(0.0, 3), (1 - 0.2 * SLOPE) ** 3, rtol=1e-4)


def test_a_saved_optimizer_is_the_same() -> None:
    for kind in (AveragedSGD, AveragedAdam):
        one = kind(0.1, **averaging(0.9))
        other = keras.optimizers.deserialize(keras.optimizers.serialize(one))
        assert type(other) is kind
        assert other.ema_momentum == 0.9


class Counting(keras.Model):
    """Counts how often its step is traced."""

    traces = 0

    def train_step(self, *data: Any) -> Any:
        self.traces += 1
        return super().train_step(*data)


def fitted(optimizer: keras.optimizers.Optimizer, *callbacks: keras.callbacks.Callback) -> Counting:
    pixels = keras.Input((3,))
    model = Counting(pixels, keras.layers.Dense(2)(pixels))
    random = np.random.default_rng(1)
    model.set_weights([random.normal(size=weight.shape) for weight in model.get_weights()])
    model.compile(optimizer, loss="mse", jit_compile=False)
    faces, wanted = random.normal(size=(8, 3)), random.normal(size=(8, 2))
    model.fit(
        faces, wanted, batch_size=4, epochs=2, shuffle=False, verbose=0, callbacks=list(callbacks)
    )
    return model


@pytest.mark.parametrize(
    ("own", "kerass"),
    [(AveragedSGD, keras.optimizers.SGD), (AveragedAdam, keras.optimizers.Adam)],
)
def test_weights_decay_as_in_keras(own: Any, kerass: Any) -> None:
    rate = keras.optimizers.schedules.CosineDecay(0.1, 4, warmup_target=0.2, warmup_steps=2)
    one, other = (fitted(kind(rate, weight_decay=0.1)) for kind in (own, kerass))
    for weight, same in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, same)
    without = fitted(own(rate))
    assert np.abs(one.get_weights()[0] - without.get_weights()[0]).max() > 1e-3


def test_the_first_step_is_traced_once(tmp_path: Path) -> None:
    """A second trace takes seconds with a large network."""
    end = EpochEnd(RunFolder(tmp_path), [], epochs=2, patience=0)
    assert fitted(AveragedSGD(0.1, **averaging(0.9)), end).traces == 1
