"""What a face detection network's numbers mean: one row of numbers for each cell of each grid.

The network has an output for each stride (pixels from cell to cell), (height, width, CHANNELS): the
logit of a face being there, the box's centre from the cell's, the logarithms of its sides, and five
landmarks' places from the cell's centre; all lengths in strides. After Tian et al., "FCOS", 2019
(arXiv:1904.01355), without its centre branch. But for the finest grid, four times as many numbers
follow, the hints: what a cell adds to the numbers of the four cells of the next finer grid that it
covers. So coarse features, which have seen more of the picture and are deeper, have a say about
small faces, and no layer has to be enlarged for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from fer_edge.detectors.layout import AS_IT_IS, Layout, Numbers, layout_of

LANDMARKS = ("right_eye", "left_eye", "nose", "right_mouth", "left_mouth")
"""In the order of the network's numbers; right is the person's own."""
CHANNELS = 1 + 4 + 2 * len(LANDMARKS)
HINTS = 4 * CHANNELS
"""For the upper left, upper right, lower left and lower right cell."""
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
    outputs: Sequence[Numbers], strides: Sequence[int], score_threshold: float, most: int = 1000
) -> Candidates:
    """The cells that score `score_threshold` or more, the best `most` of them.

    Args:
        outputs: (height, width, CHANNELS) for the finest stride, (height, width, CHANNELS + HINTS)
            for the others.
        strides: pixels, from the finest on, each twice the one before.
        score_threshold: 0..1, above 0 and below 1.
        most: where more score as much, those that score least are left out.
    """
    shapes = tuple(output.shape for output in outputs)
    meanings = ((1.0, 0),) * len(shapes)
    layout = layout_of((shapes,), (AS_IT_IS,), score_threshold, tuple(strides), meanings, CHANNELS)
    return decoded(likely_cells(outputs, layout), most)


@dataclass(frozen=True)
class Cells:
    """What some cells of one look's grids say, or of several looks'."""

    rows: Numbers
    """(cells, CHANNELS + 4): the logit with its hint, the network's other numbers, the cell's
    centre (x and y in strides), and the picture's pixels of a stride across and along. In one
    array, since each of numpy's calls takes as long as the arithmetic on a few faces."""
    first: int
    """How many of them, the first ones, are the first look's."""

    def sides(self) -> Numbers:
        """(first,), pixels of the longer sides of the first look's boxes."""
        rows = self.rows[: self.first]
        logs = np.minimum(rows[:, 3:5].max(axis=1), LARGEST_LOG)
        return np.asarray(np.exp(logs) * rows[:, CHANNELS + 2], np.float32)


def likely_cells(outputs: Sequence[npt.NDArray[Any]], layout: Layout) -> Cells | None:
    """Those that score enough; None where none does.

    Args:
        outputs: all looks' grids, each look's from the finest on, as the layout says.
        layout: where their numbers lie, and how much is enough.
    """
    flat = np.concatenate([output.reshape(-1) for output in outputs])
    chosen, logits = layout.likely(flat)
    if not len(chosen):
        return None
    # Nearly all cells are far below: only those above are looked at any further.
    rows = layout.rows(flat, chosen, CHANNELS)
    rows[:, 0] = logits[chosen]
    return Cells(rows, int(chosen.searchsorted(layout.first)))


def decoded(cells: Cells | None, most: int = 1000) -> Candidates:
    """What cells mean, best first, the best `most` of them."""
    if cells is None:
        return NOBODY
    rows = cells.rows
    if len(rows) > 1:
        rows = rows[np.argsort(-rows[:, 0], kind="stable")[:most]]
    pairs = rows[:, 1:].reshape(len(rows), -1, 2)
    centres, lengths = pairs[:, -2], pairs[:, -1]
    # The box's centre, its sides (overwritten below), the landmarks.
    points = (pairs[:, :-2] + centres[:, np.newaxis]) * lengths[:, np.newaxis]
    half = np.exp(np.minimum(pairs[:, 1], LARGEST_LOG)) * (lengths / 2)
    middle = points[:, 0]
    points[:, 1] = middle + half
    points[:, 0] = middle - half
    scores = np.asarray(1 / (1 + np.exp(-rows[:, 0])), np.float32)
    return Candidates(scores, points[:, :2].reshape(-1, 4), points[:, 2:])


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
    boxes, left = found.boxes, np.arange(len(found.boxes))
    places = np.concatenate([boxes, found.landmarks.reshape(-1, 2 * len(LANDMARKS))], axis=1)
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    weights = found.scores**SHARPNESS
    kept, means = [], []
    while True:
        # The first one is the best of those that are left.
        kept.append(left[0])
        sides = np.minimum(boxes[0, 2:], boxes[:, 2:]) - np.maximum(boxes[0, :2], boxes[:, :2])
        sides = np.maximum(sides, 0)
        common = sides[:, 0] * sides[:, 1]
        union = areas[0] + areas - common
        share = weights * (common >= NEARLY_ONE * union)
        means.append(share @ places / share.sum())
        others = (common <= overlap * union) & (common <= NESTED * np.minimum(areas[0], areas))
        others[0] = False
        if not others.any():
            break
        boxes, left, places = boxes[others], left[others], places[others]
        areas, weights = areas[others], weights[others]
    mean = np.array(means)
    landmarks = mean[:, 4:].reshape(-1, len(LANDMARKS), 2)
    return Candidates(found.scores[np.array(kept)], mean[:, :4], landmarks)
