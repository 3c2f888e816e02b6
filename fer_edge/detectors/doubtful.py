"""Doubtful faces, each looked at again by itself, at the size that the network knows best.

What merely looks like a face seldom does so at another size and place on the grids, and a face
does: so the mean of the two scores parts them better than either (test-time augmentation, as in
Krizhevsky, Sutskever and Hinton, 2012, but only where there is doubt, as in a cascade).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from fer_edge.detectors.grid import LARGEST_LOG, Candidates
from fer_edge.detectors.layout import Layout, Numbers
from fer_edge.detectors.scales import Look, drawn
from fer_edge.detectors.shrink import halvings
from fer_edge.face import Box
from fer_edge.pictures.image import Image

AROUND = 1.4
"""The side of what is looked at, as a multiple of the box's longer side: the face is 69 pixels
large there."""
FROM = 0.75
"""Which faces are doubtful: those that score this share of the least score and more, …"""
UP_TO = 0.3
"""… and less than the least score and this share of what it lacks to 1. (0.67: 0.50 to 0.77.)"""
SURER = 0.06
"""Likewise how much more than the least score the mean of both scores must be for small boxes, in
which there is little to be sure by. (0.67: 0.69.)"""
WEIGHT = 2.0
"""How much the second score counts in the mean, beside the first."""
SAME_FACE = 0.5
"""The intersection over union from which on a box in the second look is the first's."""
SMALL = 45.0
"""Pixels of the longer side up to which a box is small."""
MOST = 16
"""Of more doubtful faces than this, the others' first scores decide: time must not grow with what
a picture shows."""


def lowest(score_threshold: float) -> float:
    """The score from which on a candidate may be a face."""
    return FROM * score_threshold


def sure(score_threshold: float) -> float:
    """The score from which on a candidate is a face without being looked at again."""
    return score_threshold + UP_TO * (1 - score_threshold)


def least_mean(score_threshold: float) -> float:
    """The mean of both scores from which on a doubtful candidate with a small box is a face."""
    return score_threshold + SURER * (1 - score_threshold)


def lowest_second(score_threshold: float) -> float:
    """The second score without which no doubtful candidate is a face."""
    needed = ((1 + WEIGHT) * score_threshold - sure(score_threshold)) / WEIGHT
    return max(needed, lowest(score_threshold))


def without_doubtful(
    found: Candidates,
    score_threshold: float,
    asked: Callable[[Numbers], float],
    *,
    trust_small: bool = False,
) -> Candidates:
    """Those candidates that are faces.

    Args:
        found: best first, from `lowest` on.
        score_threshold: above 0 and below 1.
        asked: gives the second score of a box (4,), 0 where nothing is found.
        trust_small: whether the least score is enough at once for small boxes. Many faces of that
            size score little more, and another look takes a tenth of the time that a picture of
            320 pixels takes. Large pictures hold more that merely looks like a face.

    Returns:
        Best first; of those that were doubtful, the score is the mean of both.
    """
    scores = found.scores
    if not len(scores) or scores[-1] >= sure(score_threshold):
        return found
    is_face, boxes = scores >= score_threshold, found.boxes
    is_small = (boxes[:, 2:] - boxes[:, :2]).max(axis=1) < SMALL
    is_sure = (scores >= sure(score_threshold)) | (is_face & is_small & trust_small)
    doubtful = np.flatnonzero(~is_sure)[:MOST]
    scores = scores.copy()
    for place in doubtful.tolist():
        scores[place] = (scores[place] + WEIGHT * asked(boxes[place])) / (1 + WEIGHT)
    means = np.where(is_small, least_mean(score_threshold), score_threshold)
    is_face[doubtful] = (scores >= means)[doubtful]
    order = np.argsort(-scores, kind="stable")
    order = order[is_face[order]]
    return Candidates(scores[order], boxes[order], found.landmarks[order])


@dataclass(frozen=True, eq=False)
class CloseUp:
    """A part of a picture around a box, and how it lies on a square canvas."""

    corner: tuple[int, int]
    """Left and top of the part in the picture."""
    look: Look
    """The box is in the canvas's middle; what lies beyond the picture is black."""
    box: Box
    """Likewise on the canvas."""

    @classmethod
    def of(cls, box: Numbers, image: Image, canvas: int) -> CloseUp | None:
        """Around a box; None if nothing of it is in the picture, or if a number is not finite.

        Args:
            box: (4,), left, top, right and bottom in the picture's pixels.
            image: grey, (height, width).
            canvas: pixels of the canvas's side.
        """
        if not np.isfinite(box).all():
            return None
        left, top, right, bottom = box.tolist()
        side = max(2, round(AROUND * max(right - left, bottom - top)))
        x, width, across = _along((left + right) / 2, side, image.shape[1], canvas)
        y, height, along = _along((top + bottom) / 2, side, image.shape[0], canvas)
        if width <= 0 or height <= 0:
            return None
        size = (across[1], along[1])
        times = halvings((width, height), size)
        part = (width - width % 2**times, height - height % 2**times)
        look = Look(part, size, (canvas, canvas), (across[0], along[0]))
        factors = (size[0] / part[0], size[1] / part[1])
        whole = Box(left - x, top - y, right - left, bottom - top)
        return cls((x, y), look, whole.scaled(*factors).moved(across[0], along[0]))

    def drawn(self, image: Image) -> Image:
        """The canvas, of the same picture."""
        (left, top), (width, height) = self.corner, self.look.part
        return drawn(image[top : top + height, left : left + width], self.look)


def _along(middle: float, side: int, room: int, canvas: int) -> tuple[int, int, tuple[int, int]]:
    """Along one axis: where the part begins, its length (0 or less if there is none), and both of
    its copy on the canvas."""
    begin = round(middle - side / 2)
    low, high = max(0, begin), min(room, begin + side)
    length = min(canvas, max(1, round((high - low) * canvas / side)))
    place = min(round((low - begin) * canvas / side), canvas - length)
    return low, high - low, (place, length)


def score_of(box: Box, outputs: Sequence[npt.NDArray[Any]], layout: Layout) -> float:
    """The best score of the cells that say that there is a face in a box; 0 if none does.

    Args:
        box: on the canvas.
        outputs: the canvas's grids, from the finest on.
        layout: where their numbers lie, and how much is enough.
    """
    flat = np.concatenate([output.reshape(-1) for output in outputs])
    chosen, logits = layout.likely(flat)
    best = 0.0
    # A few cells at most: numbers of Python's take less time than numpy's calls.
    cells = zip(logits[chosen].tolist(), layout.rows(flat, chosen, 5).tolist(), strict=True)
    for logit, (_, right, down, log_width, log_height, x, y, across, along) in cells:
        width = math.exp(min(log_width, LARGEST_LOG)) * across
        height = math.exp(min(log_height, LARGEST_LOG)) * along
        left, top = (x + right) * across - width / 2, (y + down) * along - height / 2
        if Box(left, top, width, height).iou(box) >= SAME_FACE:
            best = max(best, 1 / (1 + math.exp(-logit)))
    return best
