"""Checks what a detector gave, so that all later code can rely on finite numbers."""

from __future__ import annotations

from typing import Any, NoReturn

from fer_edge.detectors.grid import LANDMARKS
from fer_edge.errors import DetectionError
from fer_edge.face import Box, Detection

FARTHEST_PIXELS, LEAST_SIDE_PIXELS = 1e100, 1e-100
"""Pixels; products of larger numbers could become infinite, and of smaller sides 0."""


READ_TAKES = "read must be given what detect gives:"
"""How the error begins where it was the user who gave them."""


def checked_detections(found: Any, giver: str) -> list[Detection]:
    """The detections.

    Args:
        found: what should be detections.
        giver: how the error's text begins: "the detector D must give".

    Raises:
        DetectionError: a wrong type, a number that is not finite, or a side that is not above 0. Or
            a score outside 0..1, or landmarks that are not the five.
    """
    try:
        each = iter(found)
    except TypeError:
        _refuse(giver, f"a sequence of detections, not an object of type {type(found).__name__}")
    return [_checked(one, giver) for one in each]


def _checked(one: Any, giver: str) -> Detection:
    if not isinstance(one, Detection):
        _refuse(giver, f"fer_edge.Detection objects, not one of type {type(one).__name__}")
    # Their types were checked when they were made.
    if not 0.0 <= one.score <= 1.0:
        _refuse(giver, f"scores of 0 to 1, not {one.score}")
    _check_box(one.box, "box", giver)
    _check_box(one.square, "square", giver)
    if len(one.landmarks) not in (0, len(LANDMARKS)):
        _refuse(giver, f"no landmarks or {len(LANDMARKS)}, not {len(one.landmarks)}")
    for x, y in one.landmarks:
        if not (abs(x) <= FARTHEST_PIXELS and abs(y) <= FARTHEST_PIXELS):
            _refuse(giver, f"landmarks of finite numbers, not ({x}, {y})")
    return one


def _check_box(box: Box, name: str, giver: str) -> None:
    if not (abs(box.x) <= FARTHEST_PIXELS and abs(box.y) <= FARTHEST_PIXELS):
        _refuse(giver, f"a {name} at finite numbers, not at ({box.x}, {box.y})")
    if not all(LEAST_SIDE_PIXELS <= one <= FARTHEST_PIXELS for one in (box.width, box.height)):
        _refuse(
            giver,
            f"a {name} with finite sides above 0 ({LEAST_SIDE_PIXELS:g} to {FARTHEST_PIXELS:g}), "
            f"not {box.width} by {box.height}",
        )


def _refuse(giver: str, expected: str) -> NoReturn:
    raise DetectionError(f"{giver} {expected}")
