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
Key = tuple[tuple[tuple[int, int, int], np.float32, int], ...]


@dataclass(frozen=True, eq=False)
class Layout:
    """Of grids of certain sizes, whose numbers are quantized in a certain way."""

    logits: Indices
    """(cells + hinted cells,): where the cells' logits lie, then the hints of all but the last
    grid's cells, in the cells' order."""
    scales: Numbers
    """Likewise: by how much they count."""
    zeros: Numbers
    """Likewise: which number stands for 0."""
    cells: int
    """How many there are in all grids."""
    places: Numbers
    """(cells, 4): the cells' centres (x and y in strides), and the pixels of a stride across and
    along."""

    def scores(self, flat: npt.NDArray[Any]) -> Numbers:
        """(cells,), the logits with the hints."""
        real = (flat[self.logits].astype(np.float32) - self.zeros) * self.scales
        scores: Numbers = real[: self.cells]
        scores[: len(real) - self.cells] += real[self.cells :]
        return scores

    def rows(self, flat: npt.NDArray[Any], chosen: Indices, channels: int) -> Numbers:
        """(chosen, channels): the first numbers of some cells."""
        raw = flat[self.logits[chosen, np.newaxis] + np.arange(channels)]
        meant = chosen[:, np.newaxis]
        real: Numbers = (raw.astype(np.float32) - self.zeros[meant]) * self.scales[meant]
        return real


def flat_numbers(outputs: Sequence[Quantized]) -> npt.NDArray[Any]:
    """All grids' raw numbers, one after the other."""
    return np.concatenate([output.raw.reshape(-1) for output in outputs])


def layout_of(outputs: Sequence[Quantized], strides: Sequence[int], channels: int) -> Layout:
    """Where the numbers of some grids lie.

    Args:
        outputs: `raw` is (height, width, channels) for the finest, more for the others, whose hints
            come after `channels` numbers.
        strides: pixels, from the finest on, each twice the one before.
        channels: numbers of a cell without its hints.
    """
    key = tuple((output.raw.shape, output.scale, output.zero) for output in outputs)
    return _layout(key, tuple(strides), channels)


@functools.lru_cache(maxsize=8)
def _layout(key: Key, strides: tuple[int, ...], channels: int) -> Layout:
    shapes = [shape for shape, _, _ in key]
    counts = [height * width for height, width, _ in shapes]
    starts = np.cumsum([0] + [count * shape[2] for count, shape in zip(counts, shapes, strict=True)])
    grids = range(len(key))
    indices = [starts[grid] + np.arange(counts[grid]) * shapes[grid][2] for grid in grids]
    meant = [np.full(counts[grid], grid) for grid in grids]
    for grid in grids[1:]:
        indices.append(_hints(indices[grid], shapes[grid], channels))
        meant.append(np.full(4 * counts[grid], grid))
    whose = np.concatenate(meant)
    centres = [np.indices(shape[:2])[::-1].reshape(2, -1).T + 0.5 for shape in shapes]
    lengths = np.repeat(strides, counts)
    return Layout(
        np.concatenate(indices),
        np.array([scale for _, scale, _ in key], np.float32)[whose],
        np.array([zero for _, _, zero in key], np.float32)[whose],
        sum(counts),
        np.column_stack([np.concatenate(centres), lengths, lengths]).astype(np.float32),
    )


def _hints(cells: Indices, shape: tuple[int, int, int], channels: int) -> Indices:
    """Where the hints lie for the cells of the next finer grid, each cell's four in a square."""
    height, width, _ = shape
    hints = (cells[:, np.newaxis] + channels + np.arange(4)).reshape(height, width, 2, 2)
    return hints.transpose(0, 2, 1, 3).reshape(-1)
