"""Doubtful faces, each looked at again by itself, at the size that the network knows best.

What merely looks like a face seldom does so at another size and place on the grids, and a face
does: so the mean of the two scores parts them better than either (test-time augmentation, as in
Krizhevsky, Sutskever and Hinton, 2012, but only where there is doubt, as in a cascade).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fer_edge.detectors.grid import Candidates
from fer_edge.detectors.layout import Numbers
from fer_edge.detectors.scales import Look, drawn
from fer_edge.detectors.shrink import halvings
from fer_edge.pictures.image import Image

AROUND = 1.4
"""The side of what is looked at, as a multiple of the box's longer side: the face is 69 pixels
large there."""
FROM = 0.75
"""Which faces are doubtful: those that score this share of the least score and more, …"""
UP_TO = 0.3
"""… and less than the least score and this share of what it lacks to 1. (0.67: 0.50 to 0.77.)"""
WEIGHT = 2.0
"""How much the second score counts in the mean, beside the first."""
MOST = 16
"""Of more doubtful faces than this, the others' first scores decide: time must not grow with what
a picture shows."""


def lowest(least_score: float) -> float:
    """The score from which on a candidate may be a face."""
    return FROM * least_score


def sure(least_score: float) -> float:
    """The score from which on a candidate is a face without being looked at again."""
    return least_score + UP_TO * (1 - least_score)


def lowest_second(least_score: float) -> float:
    """The second score without which no doubtful candidate is a face."""
    return ((1 + WEIGHT) * least_score - sure(least_score)) / WEIGHT


def without_doubtful(
    found: Candidates, least_score: float, asked: Callable[[Numbers], float]
) -> Candidates:
    """Those candidates that are faces.

    Args:
        found: best first, from `lowest` on.
        least_score: above 0 and below 1.
        asked: gives the second score of a box (4,), 0 where nothing is found.

    Returns:
        Best first; of those that were doubtful, the score is the mean of both.
    """
    scores = found.scores
    if not len(scores) or scores[-1] >= sure(least_score):
        return found
    scores = scores.copy()
    first = int(np.count_nonzero(scores >= sure(least_score)))
    for place in range(first, min(len(scores), first + MOST)):
        second = asked(found.boxes[place])
        scores[place] = (scores[place] + WEIGHT * second) / (1 + WEIGHT)
    order = np.argsort(-scores, kind="stable")
    order = order[: int(np.count_nonzero(scores >= least_score))]
    return Candidates(scores[order], found.boxes[order], found.landmarks[order])


@dataclass(frozen=True, eq=False)
class CloseUp:
    """A part of a picture around a box, and how it lies on a square canvas."""

    corner: tuple[int, int]
    """Left and top of the part in the picture."""
    look: Look
    """The box is in the canvas's middle; what lies beyond the picture is black."""
    box: Numbers
    """(4,), the box on the canvas."""

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
        factors = np.array([part[0] / size[0], part[1] / size[1]])
        places = (box.reshape(2, 2) - (x, y)) / factors + look.corner
        return cls((x, y), look, places.reshape(4).astype(np.float32))

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
