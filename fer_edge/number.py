"""Checks that arguments are numbers in their ranges, or flags: no text, no array."""

from __future__ import annotations

import math
import operator
from collections.abc import Collection
from numbers import Real
from typing import Any

import numpy as np

from fer_edge.errors import ArgumentError
from fer_edge.printable import brief

_EXACT = {int, float}


def are_plain_and_finite(values: Collection[object]) -> bool:
    """Whether all are Python's own finite numbers: a quick check, for values of each frame."""
    if not set(map(type, values)) <= _EXACT:
        return False
    try:
        return math.isfinite(sum(values))  # type: ignore[arg-type]
    except OverflowError:
        return False


def plain_number(name: str, value: Any) -> float:
    """`value` as a plain float, which may be infinite or NaN.

    Args:
        name: what the user calls it.
        value: a number of Python's or numpy's.

    Raises:
        ArgumentError: it is none, or a whole number larger than a float can be.
    """
    if type(value) is float:
        return value
    if isinstance(value, bool) or not isinstance(value, Real):
        raise ArgumentError(f"{name} must be a number, got {brief(value)}")
    try:
        return float(value)
    except (OverflowError, ValueError, TypeError) as error:
        raise ArgumentError(f"{name} must be a finite number, got {brief(value)}") from error


def finite_number(name: str, value: Any) -> float:
    """As `plain_number`, and neither infinite nor NaN."""
    number = plain_number(name, value)
    if not math.isfinite(number):
        raise ArgumentError(f"{name} must be a finite number, got {number}")
    return number


def checked_seconds(name: str, value: Any) -> float:
    """A length of time: a finite number, 0 or more.

    Raises:
        ArgumentError: it is none.
    """
    finite_number(name, value)
    if value < 0:
        raise ArgumentError(f"{name} must be 0 or more seconds, got {value!r}")
    return float(value)


def check_flag(name: str, value: Any) -> None:
    """Refuse what is not True or False, such as a text that says so.

    Raises:
        ArgumentError: it is another object.
    """
    if not isinstance(value, bool):
        raise ArgumentError(f"{name} must be True or False, got {brief(value)}")


def whole_number(name: str, value: Any, least: int, most: int) -> int:
    """`value` as a plain int.

    Args:
        name: what the user calls it.
        value: an int, or a whole number of numpy's.
        least: the smallest that is allowed.
        most: the largest that is allowed.

    Raises:
        ArgumentError: another type (True and 2.0 are no counts), or out of range.
    """
    try:
        number = None if isinstance(value, bool | np.bool_) else operator.index(value)
    except TypeError:
        number = None
    if number is None or not least <= number <= most:
        raise ArgumentError(
            f"{name} must be {least} or more and at most {most}, a whole number; got {brief(value)}"
        )
    return number
