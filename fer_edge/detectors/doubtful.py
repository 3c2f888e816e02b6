"""Searches each doubtful face again alone, at the size that the network knows best.

A face gets a high score at another size and place on the grids, too. A thing that only looks like a
face seldom does. So the mean of the two scores separates them better than one score. This is
test-time augmentation, as in Krizhevsky, Sutskever and Hinton, 2012, but only for doubtful faces,
as in a cascade.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from fer_edge.detectors.grid import LARGEST_LOG_SIDE, Candidates
from fer_edge.detectors.layout import Layout, Numbers
from fer_edge.detectors.scales import Look, drawn
from fer_edge.detectors.shrink import halvings
from fer_edge.face import Box
from fer_edge.pictures.image import Image

CROP_SIDE_FACTOR = 1.4
"""The side of the part that is searched again, as a multiple of the box's longer side. The face is
69 pixels large there."""
LARGE_BOX_CROP_SIDE_FACTOR = 1.2
"""Likewise for large boxes. Around these, much of a larger part would be black."""
DOUBTFUL_FROM_SHARE = 0.75
"""A candidate is doubtful from this share of the score threshold on. (Threshold 0.69: from 0.52
on.)"""
DOUBTFUL_UP_TO_SHARE = 0.3
"""A candidate is sure from the threshold plus this share of the way from there to 1. (0.69:
0.78.)"""
SMALL_BOX_MARGIN_SHARE = 0.06
"""A small box shows few details. So its mean score must exceed the threshold by this share of the
way from there to 1. (0.69: 0.71.)"""
LARGE_BOX_THRESHOLD_SHARE = 0.9
"""A large box has few places in a picture, so it is seldom a false face. Its mean score must exceed
this share of the threshold. (0.69: 0.62.)"""
SECOND_WEIGHT = 2.0
"""The weight of the second score in the mean; that of the first is 1."""
SAME_FACE_IOU = 0.5
"""The IoU from which on a box of the second search is the first one's face."""
SMALL_BOX_SIDE_PIXELS = 45.0
"""A box is small below this length of its longer side."""
LARGE_BOX_SHARE = 0.8
"""A box is large from this share of the picture's shorter side on."""
MOST_SECOND_LOOKS = 16
"""At most so many faces of a picture are searched again. For further ones the first score decides,
so that the time is bounded."""


def lowest(score_threshold: float) -> float:
    """The score from which on a candidate may be a face."""
    return DOUBTFUL_FROM_SHARE * score_threshold


def sure(score_threshold: float) -> float:
    """The score from which on a candidate is a face without a second search."""
    return score_threshold + DOUBTFUL_UP_TO_SHARE * (1 - score_threshold)


def least_mean(score_threshold: float) -> float:
    """The mean of both scores from which on a doubtful candidate with a small box is a face."""
    return score_threshold + SMALL_BOX_MARGIN_SHARE * (1 - score_threshold)


def least_mean_of_large(score_threshold: float) -> float:
    """Likewise with a large box."""
    return LARGE_BOX_THRESHOLD_SHARE * score_threshold


def least_large_side(shorter_side: int) -> float:
    """Pixels of a box's longer side from which on it is large.

    Args:
        shorter_side: pixels of the picture's.
    """
    return LARGE_BOX_SHARE * shorter_side


def lowest_second(score_threshold: float) -> float:
    """The second score without which no doubtful candidate is a face."""
    least = least_mean_of_large(score_threshold)
    needed = ((1 + SECOND_WEIGHT) * least - sure(score_threshold)) / SECOND_WEIGHT
    return max(needed, lowest(score_threshold))


def without_doubtful(
    found: Candidates,
    score_threshold: float,
    shorter_side: int,
    second_score: Callable[[Numbers], float],
    *,
    trust_small: bool = False,
) -> Candidates:
    """The candidates that are faces, after a second search for the doubtful ones.

    Args:
        found: best first, from `lowest` on.
        score_threshold: above 0 and below 1.
        shorter_side: pixels of the picture's.
        second_score: gives the second score of a box (4,), 0 where nothing is found.
        trust_small: whether small boxes are faces from the score threshold on, without a second
            search. Many faces of that size score little more, and a second search takes a tenth of
            the time of a picture of 320 pixels. Large pictures have more false faces of that size.

    Returns:
        Best first; the score of a doubtful one is the mean of both.
    """
    scores = found.scores
    if not len(scores) or scores[-1] >= sure(score_threshold):
        return found
    is_face, boxes = scores >= score_threshold, found.boxes
    sides = (boxes[:, 2:] - boxes[:, :2]).max(axis=1)
    is_small, is_large = sides < SMALL_BOX_SIDE_PIXELS, sides >= least_large_side(shorter_side)
    is_sure = (scores >= sure(score_threshold)) | (is_face & is_small & trust_small)
    doubtful = np.flatnonzero(~is_sure)[:MOST_SECOND_LOOKS]
    scores = scores.copy()
    for place in doubtful.tolist():
        scores[place] = (scores[place] + SECOND_WEIGHT * second_score(boxes[place])) / (
            1 + SECOND_WEIGHT
        )
    means = np.where(is_large, least_mean_of_large(score_threshold), score_threshold)
    means = np.where(is_small, least_mean(score_threshold), means)
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
    """How the canvas lies: the box is in its middle, and it is black outside the picture."""
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
        longer = max(right - left, bottom - top)
        is_large = longer >= least_large_side(min(image.shape))
        factor = LARGE_BOX_CROP_SIDE_FACTOR if is_large else CROP_SIDE_FACTOR
        side = max(2, round(factor * longer))
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
    """The best score among the cells whose box is the same face as a box; 0 if there is none.

    Args:
        box: on the canvas.
        outputs: the canvas's grids, from the finest on.
        layout: where their numbers lie, and how much is enough.
    """
    flat = np.concatenate([output.reshape(-1) for output in outputs])
    chosen, logits = layout.likely(flat)
    best = 0.0
    # For a few cells, Python's own numbers take less time than calls of numpy.
    cells = zip(logits[chosen].tolist(), layout.rows(flat, chosen, 5).tolist(), strict=True)
    for logit, (_, right, down, log_width, log_height, x, y, across, along) in cells:
        width = math.exp(min(log_width, LARGEST_LOG_SIDE)) * across
        height = math.exp(min(log_height, LARGEST_LOG_SIDE)) * along
        left, top = (x + right) * across - width / 2, (y + down) * along - height / 2
        if Box(left, top, width, height).iou(box) >= SAME_FACE_IOU:
            best = max(best, 1 / (1 + math.exp(-logit)))
    return best
