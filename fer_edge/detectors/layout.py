"""Where the numbers of each cell lie in what a detection network gives: in one row of numbers, all
grids one after the other, so that a few of numpy's calls look at all cells at once. Each call
takes as long as the arithmetic on a small grid.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from fer_edge.quantized import Quantized

Numbers = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]
Placing = tuple[float, float, float, float]
"""How a look's canvas lies on the picture: left and top of the copy on the canvas in pixels, and how
much smaller the copy is than the picture across and along."""
AS_IT_IS: Placing = (0, 0, 1, 1)
Key = tuple[tuple[tuple[tuple[int, int, int], np.float32, int], ...], ...]


@dataclass(frozen=True, eq=False)
class Layout:
    """Of grids of certain sizes, whose numbers are quantized in a certain way."""

    indices: Indices
    """(2, cells): where the cells' logits lie, and the hints for them; all looks one after the
    other, in each look all grids from the finest on, in each grid row by row."""
    scales: Numbers
    """Likewise: by how much they count. The hints of the last grid's cells, which get none, by 0."""
    zeros: Numbers
    """Likewise: which number stands for 0."""
    looks: Indices
    """(looks,): how many cells each has."""
    places: Numbers
    """(cells, 4): the cells' centres (x and y in strides), and the picture's pixels of a stride
    across and along."""

    def scores(self, flat: npt.NDArray[Any]) -> Numbers:
        """(cells,), the logits with the hints."""
        real = flat[self.indices].astype(np.float32)
        # In place: new arrays would cost as much as the arithmetic.
        real -= self.zeros
        real *= self.scales
        scores: Numbers = real[0] + real[1]
        return scores

    def each(self, numbers: Sequence[float]) -> Numbers:
        """(cells,): for each look's cells its number."""
        return np.repeat(np.array(numbers, np.float32), self.looks)

    def rows(self, flat: npt.NDArray[Any], chosen: Indices, channels: int) -> Numbers:
        """(chosen, channels): the first numbers of some cells."""
        raw = flat[self.indices[0, chosen, np.newaxis] + np.arange(channels)]
        real: Numbers = raw.astype(np.float32)
        real -= self.zeros[0, chosen, np.newaxis]
        real *= self.scales[0, chosen, np.newaxis]
        return real


def flat_numbers(looks: Sequence[Sequence[Quantized]]) -> npt.NDArray[Any]:
    """All looks' raw numbers, one after the other."""
    return np.concatenate([output.raw.reshape(-1) for outputs in looks for output in outputs])


def layout_of(
    looks: Sequence[Sequence[Quantized]],
    placings: Sequence[Placing],
    strides: Sequence[int],
    channels: int,
) -> Layout:
    """Where the numbers of some looks' grids lie.

    Args:
        looks: of each look the outputs from the finest on. `raw` is (height, width, channels) for
            the finest, more for the others, whose hints come after `channels` numbers.
        placings: of each look.
        strides: pixels, each twice the one before.
        channels: numbers of a cell without its hints.
    """
    key = tuple(tuple((one.raw.shape, one.scale, one.zero) for one in look) for look in looks)
    return _layout(key, tuple(placings), tuple(strides), channels)


@functools.lru_cache(maxsize=8)
def _layout(
    key: Key, placings: tuple[Placing, ...], strides: tuple[int, ...], channels: int
) -> Layout:
    parts, start = [], 0
    for look, placing in zip(key, placings, strict=True):
        for grid, (shape, scale, zero) in enumerate(look):
            size = shape[0] * shape[1]
            cells = start + np.arange(size) * shape[2]
            start += size * shape[2]
            hints, meaning = cells, (0.0, 0)
            if grid + 1 < len(look):
                coarser, *meaning = look[grid + 1]  # type: ignore[assignment]
                hints = start + _hints(coarser, channels)
            pairs = np.array([[scale, zero], meaning], np.float32)
            meanings = np.repeat(pairs[..., np.newaxis], size, axis=2)
            parts.append((np.stack([cells, hints]), meanings, _places(shape, strides[grid], placing)))
    meanings = np.concatenate([part[1] for part in parts], axis=2)
    return Layout(
        np.concatenate([part[0] for part in parts], axis=1),
        np.ascontiguousarray(meanings[:, 0]),
        np.ascontiguousarray(meanings[:, 1]),
        np.array([sum(height * width for (height, width, _), *_ in look) for look in key]),
        np.concatenate([part[2] for part in parts]),
    )


def _hints(shape: tuple[int, int, int], channels: int) -> Indices:
    """Where a grid's hints lie for the cells of the next finer one, each cell's four in a square."""
    height, width, numbers = shape
    cells = np.arange(height * width)[:, np.newaxis] * numbers
    hints = (cells + channels + np.arange(4)).reshape(height, width, 2, 2)
    return hints.transpose(0, 2, 1, 3).reshape(-1)


def _places(shape: tuple[int, int, int], stride: int, placing: Placing) -> Numbers:
    corner, factors = np.array(placing, np.float32).reshape(2, 2)
    lengths = np.full((shape[0] * shape[1], 2), stride, np.float32)
    centres = (np.indices(shape[:2])[::-1].reshape(2, -1).T + 0.5).astype(np.float32)
    return np.concatenate([centres - corner / lengths, lengths * factors], axis=1)
