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
    """(2, cells): where the cells' numbers begin, and where their hints begin. The looks come
    one after the other; in each look the grids from the finest on; in each grid the cells row by
    row."""
    scales: Numbers
    """Likewise: the factors of these numbers. They are 0 for the hints of cells that get none."""
    zeros: Numbers
    """Likewise: which integer stands for 0."""
    least: float
    """The logit from which on cells are of interest."""
    first: int
    """How many cells the first look has."""
    places: Numbers
    """(cells, 4): the cells' centres (x and y in strides), and the picture's pixels of a stride
    across and down."""

    def likely(self, flat: npt.NDArray[Any]) -> tuple[Indices, Numbers]:
        """Which cells are of interest, and the logits with the hints of all cells.

        Args:
            flat: all looks' numbers, one grid after the other.
        """
        real = flat[self.indices].astype(np.float32)
        # In place: new arrays would cost as much as the arithmetic.
        real -= self.zeros
        real *= self.scales
        logits = real[0] + real[1]
        return (logits >= self.least).nonzero()[0], logits

    def rows(self, flat: npt.NDArray[Any], chosen: Indices, channels: int) -> Numbers:
        """(chosen, channels + 4): the first numbers of some cells with their hints, and their
        places."""
        real = flat[self.indices[:, chosen, np.newaxis] + np.arange(channels)].astype(np.float32)
        real -= self.zeros[:, chosen, np.newaxis]
        real *= self.scales[:, chosen, np.newaxis]
        rows = np.empty((len(chosen), channels + 4), np.float32)
        np.add(real[0], real[1], out=rows[:, :channels])
        rows[:, channels:] = self.places[chosen]
        return rows


@functools.lru_cache(maxsize=8)
def layout_of(
    looks: tuple[tuple[Shape, ...], ...],
    placings: tuple[Placing, ...],
    score_threshold: float,
    strides: tuple[int, ...],
    meanings: tuple[Meaning, ...],
    channels: int,
) -> Layout:
    """The layout of the grids of some looks.

    Args:
        looks: for each look its grids' shapes, from the finest on. All except the finest may have
            hints after their `channels` numbers, as many for each of four cells.
        placings: of each look.
        score_threshold: above 0 and below 1: which cells are of interest.
        strides: of each grid, in pixels, each twice the one before.
        meanings: of each grid.
        channels: numbers of a cell without its hints.
    """
    indices, meant, places, start = [], [], [], 0
    for shapes, placing in zip(looks, placings, strict=True):
        for grid, (height, width, numbers) in enumerate(shapes):
            size = height * width
            cells = start + np.arange(size) * numbers
            start += size * numbers
            hints, hint_meaning = cells, (0.0, 0)
            if grid + 1 < len(shapes) and shapes[grid + 1][2] > channels:
                hints = start + _hints(shapes[grid + 1], channels)
                hint_meaning = meanings[grid + 1]
            indices.append(np.stack([cells, hints]))
            both = np.array([meanings[grid], hint_meaning], np.float32)
            meant.append(np.repeat(both[..., np.newaxis], size, axis=2))
            places.append(_places((height, width), strides[grid], placing))
    scales, zeros = np.concatenate(meant, axis=2).transpose(1, 0, 2)
    return Layout(
        np.concatenate(indices, axis=1),
        np.ascontiguousarray(scales),
        np.ascontiguousarray(zeros),
        math.log(score_threshold / (1 - score_threshold)),
        sum(height * width for height, width, _ in looks[0]),
        np.concatenate(places),
    )


def _hints(shape: Shape, channels: int) -> Indices:
    """Where the hints for the next finer grid's cells begin; the four of a cell form a square."""
    height, width, numbers = shape
    cells = np.arange(height * width)[:, np.newaxis] * numbers
    hints = (cells + channels * np.arange(1, 5)).reshape(height, width, 2, 2)
    return hints.transpose(0, 2, 1, 3).reshape(-1)


def _places(shape: tuple[int, int], stride: int, placing: Placing) -> Numbers:
    corner, factors = np.array(placing, np.float32).reshape(2, 2)
    centres = (np.indices(shape)[::-1].reshape(2, -1).T + 0.5).astype(np.float32)
    lengths = np.full(centres.shape, stride, np.float32)
    return np.concatenate([centres - corner / lengths, lengths * factors], axis=1)
