"""Decodes a face detection network's outputs: one row of numbers for each cell of each grid.

The network has an output for each stride (pixels from cell to cell), (height, width, CHANNELS). The
numbers of a cell are, with all lengths in strides:
- the logit that a face is there
- the box's centre, relative to the cell's centre
- the logarithms of the box's sides
- the five landmarks, relative to the cell's centre

This is after Tian et al., "FCOS", 2019 (arXiv:1904.01355), without its centre branch. All grids
except the finest may have HINTS more numbers. A cell adds them to the numbers of the four cells of
the next finer grid that it covers. So coarse features, which cover more of the picture, help with
small faces, and no layer must be enlarged.
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
MERGE_IOU = 0.7
"""The IoU with the best box from which on another cell's box is part of the mean."""
NESTED_SHARE, NESTED_FROM_PIXELS = 0.75, 200.0
"""A box that lies by this share of its area in a large one is a part of that face. For a face that
nearly fills a picture, the network may also give boxes around eyes or mouth. A box is large from a
square of so many pixels on. In smaller ones other people's faces lie."""
SCORE_POWER = 4
"""A cell's weight in a mean is its score to this power. The score says how exact the cell's box is.
On held-out scenes powers from 2 to 6 are alike, and 4 loses least on small faces."""
LARGEST_LOG_SIDE = 5.0
"""Bounds a side to 148 strides, so that a large output cannot become an infinite box."""


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


NO_CANDIDATES = Candidates(
    np.empty(0, np.float32),
    np.empty((0, 4), np.float32),
    np.empty((0, len(LANDMARKS), 2), np.float32),
)
"""An empty set of candidates."""


def candidates(
    outputs: Sequence[Numbers], strides: Sequence[int], score_threshold: float, most: int = 1000
) -> Candidates:
    """The cells that score `score_threshold` or more, the best `most` of them.

    Args:
        outputs: (height, width, CHANNELS) for the finest stride; for the others the same, or
            (height, width, CHANNELS + HINTS).
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
    """The numbers of some cells, of one copy of the picture or of several."""

    rows: Numbers
    """(cells, CHANNELS + 4). A row holds the logit with its hint and the network's other numbers.
    Then come the cell's centre (x and y in strides), and the picture's pixels of a stride across
    and down. One array is faster: each call of numpy takes as long as the arithmetic on a few
    faces."""
    first: int
    """How many of them belong to the first copy; they come first."""

    def sides(self) -> Numbers:
        """(first,), pixels of the longer sides of the first copy's boxes."""
        rows = self.rows[: self.first]
        logs = np.minimum(rows[:, 3:5].max(axis=1), LARGEST_LOG_SIDE)
        return np.asarray(np.exp(logs) * rows[:, CHANNELS + 2], np.float32)


def likely_cells(outputs: Sequence[npt.NDArray[Any]], layout: Layout) -> Cells | None:
    """Those that score enough; None where none does.

    Args:
        outputs: the grids of all copies, each copy's from the finest on, as the layout says.
        layout: where their numbers lie, and how much is enough.
    """
    flat = np.concatenate([output.reshape(-1) for output in outputs])
    chosen, logits = layout.likely(flat)
    if not len(chosen):
        return None
    # Nearly all cells score far less, so only the cells above the threshold are decoded.
    rows = layout.rows(flat, chosen, CHANNELS)
    rows[:, 0] = logits[chosen]
    return Cells(rows, int(chosen.searchsorted(layout.first)))


def decoded(cells: Cells | None, most: int = 1000) -> Candidates:
    """The candidates that cells describe, best first, the best `most` of them."""
    if cells is None:
        return NO_CANDIDATES
    rows = cells.rows
    if len(rows) > 1:
        rows = rows[np.argsort(-rows[:, 0], kind="stable")[:most]]
    pairs = rows[:, 1:].reshape(len(rows), -1, 2)
    centres, lengths = pairs[:, -2], pairs[:, -1]
    # The box's centre, its sides (overwritten below), the landmarks.
    points = (pairs[:, :-2] + centres[:, np.newaxis]) * lengths[:, np.newaxis]
    half = np.exp(np.minimum(pairs[:, 1], LARGEST_LOG_SIDE)) * (lengths / 2)
    middle = points[:, 0]
    points[:, 1] = middle + half
    points[:, 0] = middle - half
    scores = np.asarray(1 / (1 + np.exp(-rows[:, 0])), np.float32)
    return Candidates(scores, points[:, :2].reshape(-1, 4), points[:, 2:])


def pairwise_iou(some: Numbers, others: Numbers) -> Numbers:
    """(some, others): the IoU of each pair of boxes; both are (boxes, 4) as in `Candidates`."""
    low = np.maximum(some[:, np.newaxis, :2], others[:, :2])
    high = np.minimum(some[:, np.newaxis, 2:], others[:, 2:])
    common = np.prod(np.maximum(high - low, 0), axis=2)
    areas = [np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) for boxes in (some, others)]
    union = areas[0][:, np.newaxis] + areas[1] - common
    return np.asarray(common / np.maximum(union, 1e-6), np.float32)


def weighted_nms(found: Candidates, iou_threshold: float) -> Candidates:
    """Non-maximum suppression with weighted means: one candidate for each face.

    Of candidates whose IoU exceeds `iou_threshold`, or that lie in a large one, the one with the
    highest score stays. Its box and landmarks become a mean over the candidates with nearly the
    same box, weighted by a power of their scores. The mean is more exact, because each cell has its
    own error.
    """
    if len(found.scores) < 2:
        return found
    boxes, left = found.boxes, np.arange(len(found.boxes))
    places = np.concatenate([boxes, found.landmarks.reshape(-1, 2 * len(LANDMARKS))], axis=1)
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    weights = found.scores**SCORE_POWER
    kept, means = [], []
    while True:
        # The first one is the best of those that are left.
        kept.append(left[0])
        sides = np.minimum(boxes[0, 2:], boxes[:, 2:]) - np.maximum(boxes[0, :2], boxes[:, :2])
        sides = np.maximum(sides, 0)
        common = sides[:, 0] * sides[:, 1]
        union = areas[0] + areas - common
        share = weights * (common >= MERGE_IOU * union)
        means.append(share @ places / share.sum())
        inside = common > NESTED_SHARE * np.minimum(areas[0], areas)
        inside &= np.maximum(areas[0], areas) >= NESTED_FROM_PIXELS**2
        others = ~inside & (common <= iou_threshold * union)
        others[0] = False
        if not others.any():
            break
        boxes, left, places = boxes[others], left[others], places[others]
        areas, weights = areas[others], weights[others]
    mean = np.array(means)
    landmarks = mean[:, 4:].reshape(-1, len(LANDMARKS), 2)
    return Candidates(found.scores[np.array(kept)], mean[:, :4], landmarks)
