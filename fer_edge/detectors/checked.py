"""What a detector gave, checked: whoever reads faces further on can rely on plain numbers."""

from __future__ import annotations

import itertools
import math
import numbers
from collections.abc import Iterable
from typing import Any, NoReturn

from fer_edge.detectors.grid import LANDMARKS
from fer_edge.errors import DetectionError
from fer_edge.face import Box, Detection

_COUNTS = (0, len(LANDMARKS))
_FLOATS, _TUPLES, _TWO = {float}, {tuple}, {2}


def checked_detections(found: Any, giver: str) -> list[Detection]:
    """The detections with plain floats in them.

    Args:
        found: what should be detections; their numbers may be numpy's.
        giver: who gave them, as an error tells it.

    Raises:
        DetectionError: another type, a number that is not finite, a side that is not above 0, a
            score that is not 0..1, or landmarks that are not the five.
    """
    if not isinstance(found, Iterable):
        _refuse(giver, f"a sequence of detections, not an object of type {type(found).__name__}")
    return [_checked(one, giver) for one in found]


def _is_plain(one: Any) -> bool:
    """Whether it is a sound detection of Python's own numbers: a quick look, for each frame."""
    if type(one) is not Detection:
        return False
    box, square, landmarks = one.box, one.square, one.landmarks
    if type(box) is not Box or type(square) is not Box or type(landmarks) is not tuple:
        return False
    if len(landmarks) != len(LANDMARKS) or set(map(type, landmarks)) != _TUPLES:
        return False
    if set(map(len, landmarks)) != _TWO:
        return False
    places = (box.x, box.y, box.width, box.height, square.x, square.y, square.width, square.height)
    every = (one.score, *places, *itertools.chain.from_iterable(landmarks))
    return (
        set(map(type, every)) == _FLOATS
        and math.isfinite(sum(every))
        and 0.0 <= one.score <= 1.0
        and min(box.width, box.height, square.width, square.height) > 0
    )


def _checked(one: Any, giver: str) -> Detection:
    if _is_plain(one):
        return one  # type: ignore[no-any-return]
    if not isinstance(one, Detection):
        _refuse(giver, f"fer_edge.Detection objects, not one of type {type(one).__name__}")
    score = _number(one.score, "a score", giver)
    if not 0.0 <= score <= 1.0:
        _refuse(giver, f"scores of 0 to 1, not {score!r}")
    box, square = _box(one.box, "box", giver), _box(one.square, "square", giver)
    landmarks = one.landmarks
    if not isinstance(landmarks, tuple | list) or len(landmarks) not in _COUNTS:
        _refuse(giver, f"no landmarks or a tuple of {len(LANDMARKS)}, each (x, y)")
    return Detection(box, square, score, tuple(_point(point, giver) for point in landmarks))


def _box(box: Any, name: str, giver: str) -> Box:
    if not isinstance(box, Box):
        _refuse(giver, f"a fer_edge.Box as {name}, not an object of type {type(box).__name__}")
    x, y = _number(box.x, name, giver), _number(box.y, name, giver)
    width, height = _number(box.width, name, giver), _number(box.height, name, giver)
    if not (width > 0 and height > 0):
        _refuse(giver, f"a {name} with sides above 0, not {width!r} by {height!r}")
    return Box(x, y, width, height)


def _point(point: Any, giver: str) -> tuple[float, float]:
    try:
        x, y = point
    except (TypeError, ValueError):
        _refuse(giver, f"landmarks that are (x, y) each, not an object of {type(point).__name__}")
    return _number(x, "a landmark", giver), _number(y, "a landmark", giver)


def _number(value: Any, name: str, giver: str) -> float:
    if type(value) is not float:
        if isinstance(value, bool) or not isinstance(value, numbers.Real):
            _refuse(giver, f"numbers, not an object of type {type(value).__name__} in {name}")
        try:
            value = float(value)
        except (OverflowError, ValueError):
            value = math.inf
    if not math.isfinite(value):
        _refuse(giver, f"finite numbers, not {value} in {name}")
    return value  # type: ignore[no-any-return]


def _refuse(giver: str, expected: str) -> NoReturn:
    raise DetectionError(f"{giver} must give {expected}")
