"""All cells of all grids in one list, as the loss wants them."""

from __future__ import annotations

import itertools
from typing import Any

import keras
from keras import ops

from fer_edge.detectors.grid import CHANNELS


@keras.saving.register_keras_serializable(package="fer_edge")
class Rows(keras.layers.Layer):
    """Adds hints, where there are any, to the numbers of the finer grid, as
    `fer_edge.detectors.grid.candidates` does.

    Takes the network's outputs, finest first; gives (batch, cells, CHANNELS).
    """

    def call(self, grids: list[Any]) -> Any:
        numbers = [grid[..., :CHANNELS] for grid in grids]
        for finer, coarser in itertools.pairwise(range(len(grids))):
            if grids[coarser].shape[-1] > CHANNELS:
                numbers[finer] = numbers[finer] + _hinted(grids[coarser][..., CHANNELS:])
        parts = [ops.reshape(one, (ops.shape(one)[0], -1, CHANNELS)) for one in numbers]
        return ops.concatenate(parts, axis=1)


def _hinted(hints: Any) -> Any:
    """(batch, height, width, HINTS) to (batch, 2 * height, 2 * width, CHANNELS)."""
    _, height, width, _ = ops.shape(hints)
    squares = ops.reshape(hints, (-1, height, width, 2, 2, CHANNELS))
    spread = ops.transpose(squares, (0, 1, 3, 2, 4, 5))
    return ops.reshape(spread, (-1, 2 * height, 2 * width, CHANNELS))
