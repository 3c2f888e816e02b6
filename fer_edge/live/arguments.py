"""Numbers of arguments, checked."""

from __future__ import annotations

from typing import Any

from fer_edge.errors import ArgumentError
from fer_edge.number import finite_number


def checked_seconds(name: str, value: Any) -> float:
    """A length of time: a finite number, 0 or more.

    Raises:
        ArgumentError: it is none.
    """
    finite_number(name, value)
    if value < 0:
        raise ArgumentError(f"{name} must be 0 or more seconds, got {value!r}")
    return float(value)


def checked_share(name: str, value: Any) -> float:
    """A share: above 0, at most 1.

    Raises:
        ArgumentError: it is none.
    """
    finite_number(name, value)
    if not 0 < value <= 1:
        raise ArgumentError(f"{name} must be above 0 and at most 1, got {value!r}")
    return float(value)
