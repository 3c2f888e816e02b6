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
    threshold = math.log(least_score / (1 - least_score))
    logits = [output[:, :, 0] for output in outputs]
    for finer, coarser in itertools.pairwise(range(len(outputs))):
        logits[finer] = logits[finer] + hinted(outputs[coarser])
    scores = np.concatenate([one.ravel() for one in logits])
    numbers = np.concatenate([one[:, :, :CHANNELS].reshape(-1, CHANNELS) for one in outputs])
    cells, lengths = _cells(tuple(one.shape[:2] for one in outputs), tuple(strides))
    chosen = np.flatnonzero(scores >= threshold)
    chosen = chosen[np.argsort(-scores[chosen], kind="stable")[:most]]
    return _decoded(scores[chosen], numbers[chosen], cells[chosen], lengths[chosen])


@functools.lru_cache(maxsize=8)
def _cells(
    shapes: tuple[tuple[int, int], ...], strides: tuple[int, ...]
) -> tuple[Numbers, Numbers]:
    """The cells' centres in strides, (cells, 2), and the pixels of a stride, (cells, 1), of all
    grids one after the other, row by row.
    """
    centres = [np.indices(shape)[::-1].reshape(2, -1).T for shape in shapes]
    lengths = np.repeat(strides, [len(some) for some in centres])
    return (np.concatenate(centres) + 0.5).astype(np.float32), lengths.astype(np.float32)[:, None]


def hinted(output: Numbers) -> Numbers:
    """What a grid adds to the logits of the next finer one, (2 * height, 2 * width)."""
    height, width, _ = output.shape
    hints = output[:, :, CHANNELS:].reshape(height, width, 2, 2)
    return hints.transpose(0, 2, 1, 3).reshape(2 * height, 2 * width)


def _decoded(logits: Numbers, numbers: Numbers, cells: Numbers, lengths: Numbers) -> Candidates:
    """Args:
    logits: (candidates,).
    numbers: (candidates, CHANNELS).
    cells: (candidates, 2), the cells' centres in strides.
    lengths: (candidates, 1), pixels of a stride.
    """
    centre = (cells + numbers[:, 1:3]) * lengths
    half = np.exp(np.minimum(numbers[:, 3:5], LARGEST_LOG)) * (lengths / 2)
    boxes = np.concatenate([centre - half, centre + half], axis=1)
    marks = numbers[:, 5:].reshape(-1, len(LANDMARKS), 2) + cells[:, np.newaxis]
    scores = np.asarray(1 / (1 + np.exp(-logits)), np.float32)
    return Candidates(scores, boxes, marks * lengths[:, np.newaxis])


def without_repeats(found: Candidates, overlap: float) -> Candidates:
    """Of candidates whose intersection over union exceeds `overlap`, the one that scores most.

    It has the mean box and landmarks of those whose boxes are nearly its own, weighted by a power
    of their scores: each cell errs in its own way.
    """
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
        left = left[1:][common[1:] <= overlap * union[1:]]
    chosen = np.array(kept, dtype=np.int64)
    landmarks = means[chosen, 4:].reshape(-1, len(LANDMARKS), 2)
    return Candidates(found.scores[chosen], means[chosen, :4], landmarks)
