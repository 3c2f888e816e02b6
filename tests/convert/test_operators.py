"""What conversion writes and what the runtime runs are the same operators."""

from __future__ import annotations

from collections.abc import Iterator

import keras
import numpy as np
import numpy.typing as npt
import pytest
from keras import layers

from convert.quantize import quantize
from fer_edge.interpreter import Interpreter
from fer_edge.models.operators import OPERATOR_KINDS
from fer_edge.models.quantization import CONVERTING_OPERATOR
from fer_edge.models.runnable import check_model

SIDE = 16


def small_network(flat: bool) -> keras.Model:
    """Each kind of layer that a network of the zoo has, once."""
    pictures = keras.Input((SIDE, SIDE, 1))
    x = layers.Resizing(24, 24)(pictures)
    x = layers.Concatenate()([x] * 3)
    x = layers.Rescaling(1 / 127.5, offset=[-1.0, -0.9, -1.1])(x)
    x = layers.ZeroPadding2D(1)(x)
    x = layers.ReLU(6.0)(layers.Conv2D(4, 3, strides=2)(x))
    x = layers.BatchNormalization()(layers.DepthwiseConv2D(3, padding="same")(x))
    x = layers.ReLU()(layers.Add()([x, layers.Conv2D(4, 1)(x)]))
    x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
    x = layers.AveragePooling2D(2, padding="same")(layers.UpSampling2D(2)(x))
    x = layers.Flatten()(x) if flat else layers.GlobalAveragePooling2D()(x)
    x = layers.Dense(8, activation="relu")(layers.Dropout(0.1)(x))
    return keras.Model(pictures, layers.Dense(7)(x))


def converted(network: keras.Model) -> bytes:
    random = np.random.default_rng(1)

    def pictures() -> Iterator[npt.NDArray[np.uint8]]:
        for _ in range(4):
            yield random.integers(0, 256, (SIDE, SIDE, 1), dtype=np.uint8)

    return quantize(network, pictures)


def test_all_operators_that_are_allowed_are_written_and_run() -> None:
    # With other weights, two noise pictures can have the same few integers as answers.
    keras.utils.set_random_seed(1)
    seen = set()
    for flat in (True, False):
        content = converted(small_network(flat))
        seen |= {kind.name for _, kind, _ in check_model(content).steps}
        batch = np.random.default_rng(2).integers(0, 256, (3, SIDE, SIDE, 1), dtype=np.uint8)
        (numbers,) = Interpreter(content).run(batch)
        assert numbers.shape == (3, 7)
        assert len(np.unique(numbers, axis=0)) == 3
    # Pixels come as int8, so nothing is to be converted. Models of other tools may take uint8.
    assert seen == {kind.name for kind in OPERATOR_KINDS.values()} - {CONVERTING_OPERATOR}


def test_another_operator_is_named() -> None:
    pictures = keras.Input((SIDE, SIDE, 1))
    x = layers.Softmax()(layers.Dense(7)(layers.Flatten()(pictures)))
    with pytest.raises(ValueError, match=r"operator SOFTMAX of TFLite's schema.*end with logits"):
        check_model(converted(keras.Model(pictures, x)))
