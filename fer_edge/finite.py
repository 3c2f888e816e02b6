"""Whether a caller's number is one: no text, no truth value, no NaN and no infinity."""

from __future__ import annotations

import math
from collections.abc import Collection
from numbers import Real

from fer_edge.errors import ArgumentError

_EXACT = {int, float}


def are_plain_and_finite(values: Collection[object]) -> bool:
    """Whether all are Python's own finite numbers; a quick look, for what is checked each frame."""
    if not set(map(type, values)) <= _EXACT:
        return False
    try:
        return math.isfinite(sum(values))  # type: ignore[arg-type]
    except OverflowError:
        return False


def check_finite(name: str, value: object) -> None:
    """Raises ArgumentError that names the argument, unless the value is a finite number."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise ArgumentError(f"{name} must be a number, got {_shown(value)}")
    try:
        is_finite = math.isfinite(value)
    except OverflowError:
        is_finite = False
    if not is_finite:
        raise ArgumentError(f"{name} must be a finite number, got {_shown(value)}")


def _shown(value: object) -> str:
    """What the value looks like, in a length that a message can hold."""
    try:
        text = repr(value)
    except Exception:
        # A whole number of many thousand digits, or an object whose repr fails.
        return f"a {type(value).__name__} that cannot be shown"
    return text if len(text) <= 80 else f"{text[:77]}..."
