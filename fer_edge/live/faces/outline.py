"""Where a face is, without the jitter of its detections: its box, square and landmarks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np

from fer_edge.face import Box, Detection
from fer_edge.live.faces.one_euro import OneEuro, Values

LARGEST_SHRINK_SHARE = 0.5
"""A face that moves on unseen keeps this share of each side at least. A speed that would take more
is that of a detection of another size in the same place, not of a face that goes away."""
SIDES = np.array([2, 3, 6, 7])
"""Where `Outline.values` has the sides of the box and of the square."""


@dataclass(slots=True, eq=False)
class Outline:
    """A face's filtered place. `Outlines` filters it."""

    values: Values = field(default_factory=lambda: np.empty(0))
    """x, y, width and height of the box and of the square, then x and y of each landmark."""
    slopes: Values = field(default_factory=lambda: np.empty(0))
    """The same, a second."""
    at: float = 0.0
    """Seconds."""


class Outlines:
    """Filters the places of all faces of a frame at once, which is several times as fast."""

    def __init__(self) -> None:
        # A unit of its speed is the longer side of a face's box.
        self._filter = OneEuro()
        self._last: _Group | None = None

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
        lengths = set(map(len, rows))
        if len(lengths) == 1:
            # A detector gives every face the same number of landmarks, so this holds in practice.
            filtered = self._step(outlines, np.array(rows), at).tolist()
            return [_detection(row, one) for row, one in zip(filtered, detections, strict=True)]
        for length in lengths:
            chosen = [n for n, row in enumerate(rows) if len(row) == length]
            self._step([outlines[n] for n in chosen], np.array([rows[n] for n in chosen]), at)
        return [
            _detection(o.values.tolist(), one) for o, one in zip(outlines, detections, strict=True)
        ]

    def expected(
        self, outlines: Sequence[Outline], seen: Sequence[Detection], at: float
    ) -> list[Detection]:
        """Detections where their outlines have moved to since they were brought up to date.

        Args:
            outlines: of each face; they stay as they are.
            seen: the detections, for their scores, in the same order.
            at: seconds.
        """
        last = self._last
        if last is not None and last.of(outlines):
            rows = _moved_on(last.values, last.slopes * (at - last.at)).tolist()
        elif len({len(one.values) for one in outlines}) == 1:
            values = np.array([one.values for one in outlines])
            steps = np.array([one.slopes * (at - one.at) for one in outlines])
            rows = _moved_on(values, steps).tolist()
        else:
            rows = [_moved_on(o.values, o.slopes * (at - o.at)).tolist() for o in outlines]
        return [_detection(row, one) for row, one in zip(rows, seen, strict=True)]

    def _step(self, outlines: Sequence[Outline], measured: Values, at: float) -> Values:
        """Filter places with as many numbers each; gives them filtered."""
        last, seconds = self._last, np.empty(0)
        if last is not None and last.values.shape == measured.shape and last.of(outlines):
            # The faces of the frame before: their numbers lie in one array as they are.
            before, slopes = last.values, last.slopes
            seconds = np.array(max(at - last.at, 0.0))
        else:
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
        self._last = _Group(tuple(outlines), values, slopes, at)
        return values


@dataclass(frozen=True, slots=True)
class _Group:
    """Outlines that were filtered together last, and what was made of them."""

    outlines: tuple[Outline, ...]
    values: Values
    """A row for each."""
    slopes: Values
    at: float

    def of(self, outlines: Sequence[Outline]) -> bool:
        """Whether these are the same outlines, not changed elsewhere since."""
        return self.outlines == tuple(outlines)


def _moved_on(values: Values, steps: Values) -> Values:
    """Places a step further. A step that would shrink a side too far is shortened as a whole, so
    that the face keeps its middle."""
    least, shrinking = values[..., SIDES] * -LARGEST_SHRINK_SHARE, steps[..., SIDES]
    if (shrinking < least).any():
        shares = np.ones_like(shrinking)
        np.divide(least, shrinking, out=shares, where=shrinking < least)
        steps = steps * shares.min(axis=-1, keepdims=True)
    return values + steps


def _numbers(one: Detection) -> list[float]:
    box, square = one.box, one.square
    boxes = [box.x, box.y, box.width, box.height, square.x, square.y, square.width, square.height]
    return [*boxes, *chain.from_iterable(one.landmarks)]


def _detection(numbers: list[float], seen: Detection) -> Detection:
    x, y, width, height, left, top, across, along, *rest = numbers
    landmarks = tuple(zip(rest[::2], rest[1::2], strict=True))
    box, square = Box(x, y, width, height), Box(left, top, across, along)
    return Detection(box, square, seen.score, landmarks)
