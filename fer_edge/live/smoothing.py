"""How quickly a label may follow what is read."""

from __future__ import annotations

import math
from dataclasses import dataclass

from fer_edge.errors import ArgumentError


@dataclass(frozen=True, slots=True)
class Smoothing:
    """How probabilities are smoothed over time, and when a steady label changes."""

    time_constant: float = 0.10
    """Seconds in which a smoothed probability goes 63 % of the way to what is read; 0 or more."""
    hysteresis: float = 0.20
    """By how much another state must be likelier than the steady one to take over, 0..1."""
    confirm: float = 0.10
    """Seconds for which it must stay so; 0 or more."""
    min_duration: float = 0.4
    """Seconds that every state lasts at least; 0 or more."""

    def __post_init__(self) -> None:
        """Check the ranges.

        Raises:
            ArgumentError: a field is not a number, or out of its range.
        """
        for name in ("time_constant", "hysteresis", "confirm", "min_duration"):
            value = getattr(self, name)
            most = 1.0 if name == "hysteresis" else math.inf
            good = isinstance(value, int | float) and not isinstance(value, bool)
            if not good or not 0 <= value <= most or math.isinf(value):
                limit = "0 to 1" if name == "hysteresis" else "0 or more, in seconds"
                raise ArgumentError(f"{name} must be {limit}, got {value!r}")
