"""Whether what a user gives is a whole number within its range."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from fer_edge.errors import ArgumentError


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
            f"{name} must be {least} or more and at most {most}, a whole number; got {_told(value)}"
        )
    return number


def _told(value: Any) -> str:
    try:
        return f"{value!r:.60}"
    except Exception:
        # A number of thousands of digits, or an object whose repr fails.
        return f"an object of type {type(value).__name__}"
