"""All cells of all grids in one list, as the loss wants them."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from fer_edge.detectors.grid import CHANNELS


@keras.saving.register_keras_serializable(package="fer_edge")
class Rows(keras.layers.Layer):
    """Takes the network's outputs, finest first; gives (batch, cells, CHANNELS)."""

    def call(self, grids: list[Any]) -> Any:
        parts = [ops.reshape(one, (ops.shape(one)[0], -1, CHANNELS)) for one in grids]
        return ops.concatenate(parts, axis=1)
