"""All cells of all grids in one list, as the loss wants them."""

from __future__ import annotations

import itertools
from typing import Any

import keras
from keras import ops

from fer_edge.detectors.grid import CHANNELS


@keras.saving.register_keras_serializable(package="fer_edge")
class Rows(keras.layers.Layer):
    """Adds hints to the logits of the finer grid, as `fer_edge.detectors.grid.candidates` does.

    Takes the network's outputs, finest first; gives (batch, cells, CHANNELS).
    """

    def call(self, grids: list[Any]) -> Any:
        numbers = [grid[..., :CHANNELS] for grid in grids]
        for finer, coarser in itertools.pairwise(range(len(grids))):
            logits = numbers[finer][..., :1] + _hinted(grids[coarser][..., CHANNELS:])
            numbers[finer] = ops.concatenate([logits, numbers[finer][..., 1:]], axis=-1)
        parts = [ops.reshape(one, (ops.shape(one)[0], -1, CHANNELS)) for one in numbers]
        return ops.concatenate(parts, axis=1)


def _hinted(hints: Any) -> Any:
    """(batch, height, width, 4) to (batch, 2 * height, 2 * width, 1)."""
    height, width = hints.shape[1:3]
    spread = ops.transpose(ops.reshape(hints, (-1, height, width, 2, 2)), (0, 1, 3, 2, 4))
    return ops.reshape(spread, (-1, 2 * height, 2 * width, 1))
