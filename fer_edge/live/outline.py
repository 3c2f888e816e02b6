"""Where a face is, without the jitter of its detections: its box, square and landmarks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np

from fer_edge.face import Box, Detection
from fer_edge.live.one_euro import OneEuro, Values

BOXES = 8
"""Numbers of a detection's two boxes; its landmarks' follow."""


@dataclass(slots=True, eq=False)
class Outline:
    """A face's filtered place. What it is filtered by is `Outlines`."""

    values: Values = field(default_factory=lambda: np.empty(0))
    """x, y, width and height of the box and of the square, then x and y of each landmark."""
    slopes: Values = field(default_factory=lambda: np.empty(0))
    """The same, a second."""
    at: float = 0.0
    """Seconds."""


class Outlines:
    """Filters the places of all faces of a frame at once, which is several times as fast."""

    def __init__(self, one_euro: OneEuro | None = None) -> None:
        """Args:
        one_euro: the filter; a unit of its speed is the longer side of a face's box.
        """
        self._filter = one_euro or OneEuro()

    def follow(
        self, outlines: Sequence[Outline], detections: Sequence[Detection], at: float
    ) -> list[Detection]:
        """The detections with filtered places.

        Args:
            outlines: of each face; they are brought up to date.
            detections: as they were seen, in the same order.
            at: seconds.
        """
        rows = [_numbers(one) for one in detections]
        # A detector gives every face as many landmarks, so this is one group in practice.
        for length in {len(row) for row in rows}:
            chosen = [n for n, row in enumerate(rows) if len(row) == length]
            self._step([outlines[n] for n in chosen], np.array([rows[n] for n in chosen]), at)
        return [
            _detection(o.values.tolist(), one) for o, one in zip(outlines, detections, strict=True)
        ]

    def expected(self, outline: Outline, seen: Detection, at: float) -> Detection:
        """A detection where its outline has moved to since it was brought up to date.

        Args:
            outline: of the face; it stays as it is.
            seen: the detection, for its score.
            at: seconds.
        """
        moved = outline.values + outline.slopes * (at - outline.at)
        return _detection(moved.tolist(), seen)

    def _step(self, outlines: list[Outline], measured: Values, at: float) -> None:
        for outline, row in zip(outlines, measured, strict=True):
            if outline.values.shape != row.shape:
                outline.values, outline.slopes, outline.at = row, np.zeros_like(row), at
        before = np.array([outline.values for outline in outlines])
        slopes = np.array([outline.slopes for outline in outlines])
        seconds = np.array([[max(at - outline.at, 0.0)] for outline in outlines])
        unit = np.maximum(measured[:, 2:3], measured[:, 3:4])
        values, slopes = self._filter.step(before, slopes, measured, seconds, unit)
        for outline, row, slope in zip(outlines, values, slopes, strict=True):
            outline.values, outline.slopes, outline.at = row, slope, at


def _numbers(one: Detection) -> list[float]:
    box, square = one.box, one.square
    boxes = [box.x, box.y, box.width, box.height, square.x, square.y, square.width, square.height]
    return [*boxes, *chain.from_iterable(one.landmarks)]


def _detection(numbers: list[float], seen: Detection) -> Detection:
    x, y, width, height, left, top, across, along, *rest = numbers
    landmarks = tuple(zip(rest[::2], rest[1::2], strict=True))
    box, square = Box(x, y, width, height), Box(left, top, across, along)
    return Detection(box, square, seen.score, landmarks)
