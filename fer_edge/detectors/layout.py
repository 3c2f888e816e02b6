"""Where the numbers of each cell lie in a detection network's outputs.

All grids are joined in one row of numbers, so that a few calls of numpy handle all cells at once.
Each call takes as long as the arithmetic on a small grid.

A "look" is one copy of the picture that the network gets; see `fer_edge.detectors.scales`.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]
Placing = tuple[float, float, float, float]
"""How a look's canvas lies on the picture. First come left and top of the copy on the canvas, in
pixels. Then come the factors by which the copy is smaller than the picture, across and down."""
AS_IT_IS: Placing = (0, 0, 1, 1)
Shape = tuple[int, int, int]
"""Of a grid: height, width, numbers of a cell."""
Meaning = tuple[float, int]
"""The scale and the zero of a grid's integers; (1.0, 0) for real numbers."""


@dataclass(frozen=True, eq=False)
class Layout:
    """The layout for looks with given grid sizes and given scales of numbers."""

    indices: Indices
    """(cells,): where the cells' numbers begin. The looks come one after the other; in each look
    the grids from the finest on; in each grid the cells row by row."""
    scales: Numbers
    """(cells,): the factors of these numbers."""
    zeros: Numbers
    """(cells,): which integer stands for 0."""
    least: float
    """The logit from which on cells are of interest."""
    first: int
    """How many cells the first look has."""
    places: Numbers
    """(cells, 4): the cells' centres (x and y in strides), and the picture's pixels of a stride
    across and down."""

    def likely(self, flat: npt.NDArray[Any]) -> tuple[Indices, Numbers]:
        """Which cells are of interest, and the logits of all cells.

        Args:
            flat: all looks' numbers, one grid after the other.
        """
        real = flat[self.indices].astype(np.float32)
        # In place: new arrays would cost as much as the arithmetic.
        real -= self.zeros
        real *= self.scales
        return (real >= self.least).nonzero()[0], real

    def rows(self, flat: npt.NDArray[Any], chosen: Indices, channels: int) -> Numbers:
        """(chosen, channels + 4): the numbers of some cells, and their places."""
        rows = np.empty((len(chosen), channels + 4), np.float32)
        rows[:, :channels] = flat[self.indices[chosen, np.newaxis] + np.arange(channels)]
        rows[:, :channels] -= self.zeros[chosen, np.newaxis]
        rows[:, :channels] *= self.scales[chosen, np.newaxis]
        rows[:, channels:] = self.places[chosen]
        return rows


@functools.lru_cache(maxsize=8)
def layout_of(
    looks: tuple[tuple[Shape, ...], ...],
    placings: tuple[Placing, ...],
    score_threshold: float,
    strides: tuple[int, ...],
    meanings: tuple[Meaning, ...],
) -> Layout:
    """The layout of the grids of some looks.

    Args:
        looks: for each look its grids' shapes, from the finest on.
        placings: of each look.
        score_threshold: above 0 and below 1: which cells are of interest.
        strides: of each grid, in pixels, each twice the one before.
        meanings: of each grid.
    """
    indices, scales, zeros, places, start = [], [], [], [], 0
    for shapes, placing in zip(looks, placings, strict=True):
        for grid, (height, width, numbers) in enumerate(shapes):
            size = height * width
            indices.append(start + np.arange(size) * numbers)
            start += size * numbers
            scales.append(np.full(size, meanings[grid][0], np.float32))
            zeros.append(np.full(size, meanings[grid][1], np.float32))
            places.append(_places((height, width), strides[grid], placing))
    return Layout(
        np.concatenate(indices),
        np.concatenate(scales),
        np.concatenate(zeros),
        math.log(score_threshold / (1 - score_threshold)),
        sum(height * width for height, width, _ in looks[0]),
        np.concatenate(places),
    )


def _places(shape: tuple[int, int], stride: int, placing: Placing) -> Numbers:
    corner, factors = np.array(placing, np.float32).reshape(2, 2)
    centres = (np.indices(shape)[::-1].reshape(2, -1).T + 0.5).astype(np.float32)
    lengths = np.full(centres.shape, stride, np.float32)
    return np.concatenate([centres - corner / lengths, lengths * factors], axis=1)
