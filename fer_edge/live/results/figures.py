"""What a stream measures of itself."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from dataclasses import dataclass

from fer_edge.live.results.live_reading import LiveReading

WINDOW_SECONDS = 10.0
"""Seconds that the figures look back."""
MOST_READINGS = 2000
"""Readings that they look back at most."""


@dataclass(frozen=True, slots=True)
class Stats:
    """A stream's figures of the last 10 s, and what it has counted since its start."""

    fps: float
    """Readings a second; 0 before the second one."""
    age_p50: float | None
    """Seconds from the frame's timestamp until its reading was there: half took longer. None
    where nothing was read, or the frames' clock is not the monotonic one."""
    age_p95: float | None
    """The same: one in twenty took longer."""
    readings: int
    """How many frames were read."""
    dropped: int
    """How many frames of the source nobody read: newer ones had come, the stream was paused or
    closed before, or they were no pictures."""
    skipped: int
    """How many pictures and packets the source itself could not read."""
    reopened: int
    """How often the source was opened again and gave frames."""


class Figures:
    """Counts readings; asked from any thread."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._recent: deque[tuple[float, float | None]] = deque(maxlen=MOST_READINGS)
        self._readings = 0

    def add(self, reading: LiveReading) -> None:
        """A reading is there, now."""
        with self._lock:
            self._readings += 1
            self._recent.append((time.monotonic(), reading.age))

    def stats(self, *, dropped: int, skipped: int, reopened: int) -> Stats:
        """The figures as of now.

        Args:
            dropped: frames left out so far.
            skipped: pictures that the source could not read so far.
            reopened: times that the source came back so far.
        """
        since = time.monotonic() - WINDOW_SECONDS
        with self._lock:
            recent = [one for one in self._recent if one[0] >= since]
            readings = self._readings
        ages = sorted(age for _, age in recent if age is not None)
        seconds = recent[-1][0] - recent[0][0] if recent else 0.0
        return Stats(
            fps=(len(recent) - 1) / seconds if seconds > 0 else 0.0,
            age_p50=_percentile(ages, 0.50),
            age_p95=_percentile(ages, 0.95),
            readings=readings,
            dropped=dropped,
            skipped=skipped,
            reopened=reopened,
        )


def _percentile(ordered: list[float], share: float) -> float | None:
    """The least of them that so large a share does not exceed."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None
