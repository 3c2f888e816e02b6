"""Means of pixels as convolutions."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from convert.means import with_means_as_convolutions
from train.networks import build


@pytest.mark.parametrize("name", ["tied_nano", "tied_edge"])
def test_it_gives_the_same(name: str) -> None:
    network = build(name, 7, 0.1)
    pixels = np.random.default_rng(1).uniform(0, 255, (4, 48, 48, 1)).astype(np.float32)
    changed = with_means_as_convolutions(network)
    kinds = {type(layer) for layer in changed.layers}
    assert keras.layers.DepthwiseConv2D in kinds
    assert keras.layers.AveragePooling2D not in kinds
    np.testing.assert_allclose(
        changed(pixels, training=False), network(pixels, training=False), rtol=1e-4, atol=1e-4
    )


def test_a_network_without_means_stays() -> None:
    network = build("nano", 7, 0.0)
    assert with_means_as_convolutions(network) is network


def test_padded_means_and_other_sizes() -> None:
    pictures = keras.Input((9, 8, 3))
    x = keras.layers.AveragePooling2D(2, padding="same")(pictures)
    x = keras.layers.AveragePooling2D((3, 2), strides=1)(x)
    network = keras.Model(pictures, x)
    some = np.random.default_rng(2).normal(size=(2, 9, 8, 3)).astype(np.float32)
    changed = with_means_as_convolutions(network)
    assert [type(layer).__name__ for layer in changed.layers[1:]] == [
        "AveragePooling2D",
        "DepthwiseConv2D",
    ]
    np.testing.assert_allclose(changed(some), network(some), atol=1e-5)
