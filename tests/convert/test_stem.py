"""The detector's stem with rows as channels: the same numbers."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from convert.errors import ConversionError
from convert.stem import with_rows_as_channels
from train.detector.network import face_network
from train.detector.settings import FAST_NETWORK


def test_rows_as_channels_give_the_same_numbers() -> None:
    keras.utils.set_random_seed(1)
    network = face_network(FAST_NETWORK)
    random = np.random.default_rng(1)
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            size = layer.gamma.shape
            layer.set_weights([random.uniform(0.5, 1.5, size) for _ in range(4)])
    pictures = random.integers(0, 256, (2, 64, 96, 1)).astype(np.float32)
    rows = with_rows_as_channels(network, 64, 96)
    for one, same in zip(network(pictures), rows(pictures.reshape(2, 64, 24, 4)), strict=True):
        np.testing.assert_allclose(np.asarray(same), np.asarray(one), rtol=1e-3, atol=1e-3)
    assert not any(isinstance(layer, keras.layers.Rescaling) for layer in rows.layers)


def test_a_network_that_begins_otherwise_is_refused() -> None:
    pixels = keras.Input((None, None, 1))
    with pytest.raises(ConversionError, match="begins with scale"):
        with_rows_as_channels(keras.Model(pixels, keras.layers.Conv2D(4, 3)(pixels)), 64, 96)
