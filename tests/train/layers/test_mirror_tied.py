"""Networks whose weights are tied say the same of faces and of their mirror images."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from train.data.prepared import Prepared
from train.data.sources import Votes
from train.emotion.fit import fit
from train.emotion.measuring.inference import outputs_of
from train.emotion.refit import refit
from train.emotion.run import EmotionRun
from train.emotion.settings import HEADS, Settings
from train.layers.mirror_tied import MirrorTied, tie
from train.networks import NETWORKS, build, find_network
from train.run.network_file import load_network

MIRRORED = [name for name in NETWORKS if find_network(name).mirror_tied]


def at_random(network: keras.Model) -> keras.Model:
    """All its weights, batch norm's statistics too, of a size that keeps features as they are."""
    random = np.random.default_rng(1)

    def drawn(weight: Any) -> Any:
        if weight.ndim == 1:
            return random.uniform(0.5, 1.5, weight.shape)
        return random.normal(0, (weight.size / weight.shape[-1]) ** -0.5, weight.shape)

    network.set_weights([drawn(weight) for weight in network.get_weights()])
    return network


def assert_they_differ(one: Any, other: Any) -> None:
    assert np.abs(one - other).max() > 1e-3 * np.abs(one).max()


@pytest.mark.parametrize("name", MIRRORED)
def test_tied_weights_tell_no_side(name: str, data: Prepared) -> None:
    faces = data.faces.images[:16, :, :, None]
    network = at_random(build(name, 7, 0.0))
    assert_they_differ(outputs_of(network, faces), outputs_of(network, faces[:, :, ::-1]))
    tie(network)
    said = outputs_of(network, faces)
    assert_they_differ(said[:8], said[8:])
    np.testing.assert_allclose(
        said, outputs_of(network, faces[:, :, ::-1]), atol=1e-5 * np.abs(said).max()
    )


def test_tied_weights_stay_as_they_are() -> None:
    random = np.random.default_rng(1)
    for shape in ((6, 6, 1, 8), (3, 3, 4, 8), (8, 5), (8,)):
        tied = MirrorTied(inputs=shape[-2:-1] != (1,), outputs=shape != (8, 5))
        once = np.array(tied(keras.ops.convert_to_tensor(random.normal(size=shape))))
        np.testing.assert_allclose(tied(keras.ops.convert_to_tensor(once)), once, atol=1e-7)
        restored = MirrorTied.from_config(tied.get_config())
        assert (restored.inputs, restored.outputs) == (tied.inputs, tied.outputs)


class Halves(keras.layers.Layer):
    """A convolution that has one weight for both of a pair."""

    def build(self, shape: tuple[int, ...]) -> None:
        self.half = self.add_weight(shape=(3, 3, shape[-1], 2))

    def call(self, pictures: Any) -> Any:
        partner = keras.ops.roll(keras.ops.flip(self.half, axis=1), 2, axis=2)
        kernel = keras.ops.concatenate([self.half, partner], axis=-1)
        return keras.ops.conv(pictures, kernel, padding="same")


def test_sgd_learns_what_it_would_with_one_weight_for_both() -> None:
    random = np.random.default_rng(1)
    pictures, wanted = random.normal(size=(32, 6, 6, 4)), random.normal(size=(32, 6, 6, 4))
    halves = Halves()
    halves.build(pictures.shape)
    half = halves.get_weights()[0]
    tied = keras.layers.Conv2D(4, 3, padding="same", use_bias=False, kernel_constraint=MirrorTied())
    tied.build(pictures.shape)
    tied.set_weights([np.concatenate([half, np.roll(half[:, ::-1], 2, axis=2)], axis=-1)])
    for layer, rate, decay in ((halves, 0.05, 2e-2), (tied, 0.1, 1e-2)):
        model = keras.Sequential([layer])
        sgd = keras.optimizers.SGD(rate, momentum=0.9, nesterov=True, weight_decay=decay)
        model.compile(sgd, "mse", jit_compile=False)
        model.fit(pictures, wanted, batch_size=8, epochs=3, shuffle=False, verbose=0)
    assert np.abs(tied.get_weights()[0][..., :2] - half).max() > 0.01, "it learned"
    np.testing.assert_allclose(tied.get_weights()[0][..., :2], halves.get_weights()[0], atol=1e-5)


def test_a_finished_run_is_plain_and_tells_no_side(
    data: Prepared, votes: Votes, tmp_path: Path
) -> None:
    run = EmotionRun(tmp_path / "run")
    six = ("angry", "fear", "happy", "sad", "surprise", "neutral")
    chosen = {
        "training.epochs": 2,
        "training.batch": 32,
        "network.two_heads": True,
        "data.classes": six,
        "network.dropout": 0.0,
    }
    fit(Settings.of("tied_nano", chosen), data, votes, run)
    faces = data.faces.images[:16, :, :, None]
    for name in HEADS:
        network = load_network(run.head(name).model_file)
        assert all(getattr(layer, "kernel_constraint", None) is None for layer in network.layers)
        said = outputs_of(network, faces)
        assert_they_differ(said[:8], said[8:])
        np.testing.assert_allclose(said, outputs_of(network, faces[:, :, ::-1]), atol=1e-4)
    refit(run, data.faces, votes, None)
    for name in HEADS:
        left, right = np.split(load_network(run.head(name).model_file).layers[-1].kernel, 2)
        np.testing.assert_array_equal(left, right)
