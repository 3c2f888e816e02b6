"""Figures of a list of durations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Timing:
    """Durations of one stage, in milliseconds."""

    median: float
    """Half of them took longer."""
    p95: float
    """One in twenty took longer."""
    count: int
    """How many there are, 1 or more."""

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Timing:
        """From one or more durations in seconds."""
        median, p95 = np.percentile(np.asarray(seconds) * 1e3, [50, 95])
        return cls(round(float(median), 3), round(float(p95), 3), len(seconds))

    def __str__(self) -> str:
        return f"median {self.median:8.2f} ms, 95th percentile {self.p95:8.2f} ms"
