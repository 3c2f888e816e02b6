"""What a face detection network's numbers mean: one row of numbers for each cell of each grid.

The network has an output for each stride (pixels from cell to cell), (height, width, CHANNELS): the
logit of a face being there, the box's centre from the cell's, the logarithms of its sides, and five
landmarks' places from the cell's centre; all lengths in strides. After Tian et al., "FCOS", 2019
(arXiv:1904.01355), without its centre branch. But for the finest grid four numbers follow, the
hints: what a cell adds to the logits of the four cells of the next finer grid that it covers. So
coarse features, which have seen more of the picture, have a say about small faces, and no layer has
to be enlarged for it.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float32]

LANDMARKS = ("right_eye", "left_eye", "nose", "right_mouth", "left_mouth")
"""In the order of the network's numbers; right is the person's own."""
CHANNELS = 1 + 4 + 2 * len(LANDMARKS)
HINTS = 4
"""Upper left, upper right, lower left, lower right."""
NEARLY_ONE = 0.7
"""The intersection over union from which on two cells answer for one face alike."""
NESTED = 0.75
"""The share of the smaller of two boxes from which on it is a part of the larger one's face: a
network that meets a face too large for it draws boxes about eyes or mouth."""
SHARPNESS = 4
"""The power of its score by which a cell counts in a mean. The score tells how well the cell's box
lies; on held-out scenes powers from 2 to 6 are alike, and 4 loses least on small faces."""
LARGEST_LOG = 5.0
"""Bounds a side to 148 strides, so that a wild number cannot become an infinite box."""


@dataclass(frozen=True)
class Candidates:
    """Possible faces, best first."""

    scores: Numbers
    """(candidates,), 0..1."""
    boxes: Numbers
    """(candidates, 4): left, top, right, bottom in pixels of the network's input."""
    landmarks: Numbers
    """(candidates, 5, 2): x and y, likewise."""

    def take(self, chosen: npt.NDArray[np.int64]) -> Candidates:
        """Some of them."""
        return Candidates(self.scores[chosen], self.boxes[chosen], self.landmarks[chosen])


NOBODY = Candidates(
    np.empty(0, np.float32),
    np.empty((0, 4), np.float32),
    np.empty((0, len(LANDMARKS), 2), np.float32),
)
"""No candidate at all."""


def candidates(
    outputs: Sequence[Numbers], strides: Sequence[int], least_score: float, most: int = 1000
) -> Candidates:
    """The cells that score `least_score` or more, the best `most` of them.

    Args:
        outputs: (height, width, CHANNELS) for the finest stride, (height, width, CHANNELS + HINTS)
            for the others.
        strides: pixels, from the finest on, each twice the one before.
        least_score: 0..1, above 0 and below 1.
        most: where more score as much, those that score least are left out.
    """
    return decoded([likely_cells(outputs, strides, least_score)], most)


@dataclass(frozen=True)
class Cells:
    """What some cells of one look's grids say."""

    logits: Numbers
    """(cells,)."""
    numbers: Numbers
    """(cells, CHANNELS)."""
    centres: Numbers
    """(cells, 2), in strides."""
    lengths: Numbers
    """(cells, 2), pixels of a stride across and along."""

    @property
    def sides(self) -> Numbers:
        """(cells,), pixels of the boxes' longer sides."""
        logs = np.minimum(self.numbers[:, 3:5].max(axis=1), LARGEST_LOG)
        return np.asarray(np.exp(logs) * self.lengths[:, 0], np.float32)

    def placed(self, corner: tuple[float, float], factors: tuple[float, float]) -> Cells:
        """The same in the pixels of a picture whose copy lay at `corner`, `factors` smaller."""
        centres = self.centres - np.array(corner, np.float32) / self.lengths
        lengths = self.lengths * np.array(factors, np.float32)
        return Cells(self.logits, self.numbers, centres, lengths)

    def where(self, kept: npt.NDArray[np.bool_]) -> Cells | None:
        """Some of them; None where none is left."""
        if kept.all():
            return self
        if not kept.any():
            return None
        return Cells(self.logits[kept], self.numbers[kept], self.centres[kept], self.lengths[kept])


def likely_cells(
    outputs: Sequence[Numbers], strides: Sequence[int], least_score: float
) -> Cells | None:
    """Those that score `least_score` or more, as in `candidates`; None where none does."""
    threshold = math.log(least_score / (1 - least_score))
    logits = [output[:, :, 0] for output in outputs]
    for finer, coarser in itertools.pairwise(range(len(outputs))):
        logits[finer] = logits[finer] + hinted(outputs[coarser])
    scores = np.concatenate([one.ravel() for one in logits])
    chosen = np.flatnonzero(scores >= threshold)
    if not len(chosen):
        return None
    # Nearly all cells are far below: only those above are looked at any further.
    numbers, first = [], 0
    for output in outputs:
        rows = output.reshape(-1, output.shape[-1])
        here = chosen[(chosen >= first) & (chosen < first + len(rows))] - first
        numbers.append(rows[here, :CHANNELS])
        first += len(rows)
    centres, lengths = _all_cells(tuple(one.shape[:2] for one in outputs), tuple(strides))
    return Cells(scores[chosen], np.concatenate(numbers), centres[chosen], lengths[chosen])


@functools.lru_cache(maxsize=8)
def _all_cells(
    shapes: tuple[tuple[int, int], ...], strides: tuple[int, ...]
) -> tuple[Numbers, Numbers]:
    """The cells' centres in strides, (cells, 2), and the pixels of a stride, (cells, 2), of all
    grids one after the other, row by row.
    """
    centres = [np.indices(shape)[::-1].reshape(2, -1).T for shape in shapes]
    lengths = np.repeat(strides, [len(some) for some in centres])
    pixels = np.repeat(lengths.astype(np.float32)[:, np.newaxis], 2, axis=1)
    return (np.concatenate(centres) + 0.5).astype(np.float32), pixels


def hinted(output: Numbers) -> Numbers:
    """What a grid adds to the logits of the next finer one, (2 * height, 2 * width)."""
    height, width, _ = output.shape
    hints = output[:, :, CHANNELS:].reshape(height, width, 2, 2)
    return hints.transpose(0, 2, 1, 3).reshape(2 * height, 2 * width)


def decoded(parts: Sequence[Cells | None], most: int = 1000) -> Candidates:
    """What the cells of one look or of several mean, best first, the best `most` of them."""
    some = [part for part in parts if part is not None]
    if not some:
        return NOBODY
    logits = np.concatenate([part.logits for part in some])
    numbers = np.concatenate([part.numbers for part in some])
    centres = np.concatenate([part.centres for part in some])
    lengths = np.concatenate([part.lengths for part in some])
    if len(logits) > 1:
        order = np.argsort(-logits, kind="stable")[:most]
        logits, numbers = logits[order], numbers[order]
        centres, lengths = centres[order], lengths[order]
    middle = (centres + numbers[:, 1:3]) * lengths
    half = np.exp(np.minimum(numbers[:, 3:5], LARGEST_LOG)) * (lengths / 2)
    boxes = np.concatenate([middle - half, middle + half], axis=1)
    marks = numbers[:, 5:].reshape(-1, len(LANDMARKS), 2) + centres[:, np.newaxis]
    scores = np.asarray(1 / (1 + np.exp(-logits)), np.float32)
    return Candidates(scores, boxes, marks * lengths[:, np.newaxis])


def overlaps(some: Numbers, others: Numbers) -> Numbers:
    """(some, others): the intersection over union of boxes, each (boxes, 4) as in `Candidates`."""
    low = np.maximum(some[:, np.newaxis, :2], others[:, :2])
    high = np.minimum(some[:, np.newaxis, 2:], others[:, 2:])
    common = np.prod(np.maximum(high - low, 0), axis=2)
    areas = [np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) for boxes in (some, others)]
    union = areas[0][:, np.newaxis] + areas[1] - common
    return np.asarray(common / np.maximum(union, 1e-6), np.float32)


def without_repeats(found: Candidates, overlap: float) -> Candidates:
    """Of candidates whose intersection over union exceeds `overlap`, or of which one lies in the
    other, the one that scores most.

    It has the mean box and landmarks of those whose boxes are nearly its own, weighted by a power
    of their scores: each cell errs in its own way.
    """
    if len(found.scores) < 2:
        return found
    boxes = found.boxes
    places = np.concatenate([boxes, found.landmarks.reshape(-1, 2 * len(LANDMARKS))], axis=1)
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    weights = found.scores**SHARPNESS
    left = np.arange(len(boxes))
    kept = []
    means = np.empty_like(places)
    while len(left):
        best = left[0]
        kept.append(best)
        low = np.maximum(boxes[best, :2], boxes[left, :2])
        high = np.minimum(boxes[best, 2:], boxes[left, 2:])
        sides = np.maximum(high - low, 0)
        common = sides[:, 0] * sides[:, 1]
        union = areas[best] + areas[left] - common
        share = weights[left] * (common >= NEARLY_ONE * union)
        means[best] = share @ places[left] / share.sum()
        smaller = np.minimum(areas[best], areas[left])
        repeats = (common > overlap * union) | (common > NESTED * smaller)
        repeats[0] = True
        left = left[~repeats]
    chosen = np.array(kept, dtype=np.int64)
    landmarks = means[chosen, 4:].reshape(-1, len(LANDMARKS), 2)
    return Candidates(found.scores[chosen], means[chosen, :4], landmarks)
