"""Checks what a tracker is given beside frames: its share of a core, names, notes, counts."""

from __future__ import annotations

from typing import Any

from fer_edge.errors import ArgumentError
from fer_edge.number import finite_number, whole_number
from fer_edge.printable import brief

MOST_FRAMES = 1 << 53
"""Frames; no camera gives more."""


def checked_share(name: str, value: Any) -> float:
    """A share: above 0, at most 1.

    Raises:
        ArgumentError: it is none.
    """
    finite_number(name, value)
    if not 0 < value <= 1:
        raise ArgumentError(f"{name} must be above 0 and at most 1, got {value!r}")
    return float(value)


def checked_text(name: str, value: Any) -> str:
    """A text.

    Raises:
        ArgumentError: it is none.
    """
    if not isinstance(value, str):
        raise ArgumentError(f"{name} must be a text, got {brief(value)}")
    return value


def check_note(reason: Any, at: Any) -> None:
    """The reason of an interruption must be a text, and its time seconds or None.

    Raises:
        ArgumentError: they are none.
    """
    checked_text("reason", reason)
    if at is not None:
        finite_number("at", at)


def checked_dropped(value: Any) -> int:
    """A number of frames, as a plain int.

    Raises:
        ArgumentError: it is none.
    """
    return whole_number("dropped", value, 0, MOST_FRAMES)
