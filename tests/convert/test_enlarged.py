"""Doubled pictures as spread channels."""

from __future__ import annotations

import keras
import numpy as np

from convert.enlarged import Doubled, with_doubling_in_depth
from train.detector.network import face_network
from train.detector.settings import PYRAMID_NETWORK


def test_it_gives_the_same() -> None:
    network = face_network(PYRAMID_NETWORK, 64, 96)
    pixels = np.random.default_rng(1).uniform(0, 255, (2, 64, 96, 1)).astype(np.float32)
    changed = with_doubling_in_depth(network)
    assert sum(isinstance(layer, Doubled) for layer in changed.layers) == 2
    for after, before in zip(changed(pixels), network(pixels), strict=True):
        np.testing.assert_allclose(after, before, atol=1e-5)


def test_a_network_that_doubles_nothing_stays() -> None:
    pictures = keras.Input((8, 8, 3))
    x = keras.layers.UpSampling2D(3)(pictures)
    x = keras.layers.UpSampling2D(2, interpolation="bilinear")(x)
    network = keras.Model(pictures, x)
    assert with_doubling_in_depth(network) is network
