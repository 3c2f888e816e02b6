"""Makes values fit for JSON: finite numbers, text that UTF-8 can hold, null for the rest.

A detector or a caller may give numpy's numbers, NaN, or names that are not UTF-8. Programs that
read our lines refuse such JSON, or stop at it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

LARGEST_EXACT_INTEGER = 2**53
"""Whole numbers above it are not exact in JSON's usual readers."""


def number(value: Any, digits: int) -> float | None:
    """A finite number, rounded; None for anything else."""
    try:
        as_float = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return round(as_float, digits) if math.isfinite(as_float) else None


def whole(value: Any) -> int | None:
    """The nearest whole number; None for what is no finite number up to LARGEST_EXACT_INTEGER."""
    as_float = number(value, 0)
    if as_float is None or abs(as_float) > LARGEST_EXACT_INTEGER:
        return None
    return int(as_float)


def text(value: Any) -> str:
    """Text that UTF-8 can hold; `\\xe9` for a byte of a file's name that is not UTF-8."""
    words = str(value)
    try:
        # Restores the bytes of a file's name; other lone surrogates have none.
        data = words.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        data = words.encode("utf-8", "backslashreplace")
    return data.decode("utf-8", "backslashreplace")


def wall(seconds: Any) -> str | None:
    """A wall clock's time, ISO 8601 in UTC; None for times before year 1 or after 9999."""
    try:
        return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="milliseconds")
    except (ValueError, OverflowError, OSError, TypeError):
        return None


def line(value: Any) -> str:
    """One line of strict JSON, whatever the value holds."""
    return json.dumps(anything(value), allow_nan=False)


def anything(value: Any) -> Any:
    """The value with each part of it as JSON can hold it; what it cannot hold becomes text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return text(value)
    if isinstance(value, Mapping):
        return {text(key): anything(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [anything(item) for item in value]
    if isinstance(value, int):
        return int(value) if abs(value) <= LARGEST_EXACT_INTEGER else None
    if isinstance(value, float) or hasattr(value, "__float__"):
        as_float = float(value)
        return as_float if math.isfinite(as_float) else None
    return text(value)
