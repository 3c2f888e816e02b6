"""Activations are rounded while training, and only then."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from train.learning.rounding import STEPS, rounded, with_rounding
from train.networks import build


def test_values_lie_on_256_steps_and_zero_stays() -> None:
    numbers = np.random.default_rng(1).normal(0.5, 2, (4, 8, 8, 3)).astype(np.float32)
    numbers[0, 0, 0, 0] = 0
    found = np.asarray(keras.ops.convert_to_numpy(rounded(keras.ops.convert_to_tensor(numbers))))
    step = (numbers.max() - numbers.min()) / STEPS
    assert np.abs(found - numbers).max() <= 0.51 * step
    assert found[0, 0, 0, 0] == 0
    assert len(np.unique(np.round(found / step, 3))) <= STEPS + 1


def test_a_copy_says_the_same_but_learns_rounded() -> None:
    network = build("nano", 7, 0.0)
    faces = np.random.default_rng(2).uniform(0, 255, (8, 48, 48, 1)).astype(np.float32)
    copy = with_rounding(network)
    before = np.asarray(network(faces, training=False))
    assert np.asarray(copy(faces, training=False)) == pytest.approx(before, abs=1e-5)
    learning, straight = (np.asarray(one(faces, training=True)) for one in (copy, network))
    assert 0 < np.abs(learning - straight).max() < 0.5 * np.abs(straight).max()


def test_what_is_rounded_can_be_learned() -> None:
    keras.utils.set_random_seed(1)
    network = with_rounding(build("lenet", 7, 0.0))
    faces = np.random.default_rng(3).uniform(0, 255, (16, 48, 48, 1)).astype(np.float32)
    wanted = np.eye(7, dtype=np.float32)[np.arange(16) % 7]
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    network.compile(optimizer=keras.optimizers.Adam(1e-3), loss=loss)
    losses = network.fit(faces, wanted, epochs=25, batch_size=16, verbose=0).history["loss"]
    assert losses[-1] < 0.5 * losses[0]
