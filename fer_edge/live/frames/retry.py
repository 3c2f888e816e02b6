"""How often, and how soon, a source that failed is opened again."""

from __future__ import annotations

from dataclasses import dataclass

from fer_edge.errors import ArgumentError
from fer_edge.number import check_flag, finite_number, whole_number

STEADY_SECONDS = 10.0
"""Seconds of frames after which a source counts as working, so that the back-off starts anew."""
LONGEST_WAIT_SECONDS = 86400.0
"""Seconds, a day: no wait is longer."""
MOST_ATTEMPTS = 1 << 53
"""Attempts; nobody waits for more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """Opening a camera or a stream again after a fault; recordings are never opened again."""

    initial: float = 0.5
    """Seconds before the first attempt; each further wait is twice as long. Above 0."""
    maximum: float = 30.0
    """Seconds that a wait has at most; not below `initial`."""
    attempts: int | None = None
    """Attempts in a row until the fault is raised; 0 raises the first one; None never gives up.
    They are counted anew after 10 s of frames."""
    at_start: bool = False
    """Whether a source that is gone at the start is waited for too, instead of being an error."""

    def __post_init__(self) -> None:
        """Check the ranges.

        Raises:
            ArgumentError: a field has the wrong type or is out of its range.
        """
        for name in ("initial", "maximum"):
            value = finite_number(name, getattr(self, name))
            object.__setattr__(self, name, value)  # It is frozen: numpy's numbers become plain.
            if not 0 < value <= LONGEST_WAIT_SECONDS:
                raise ArgumentError(
                    f"{name} must be above 0 and at most {LONGEST_WAIT_SECONDS:g} seconds, got "
                    f"{value!r}"
                )
        if self.maximum < self.initial:
            raise ArgumentError(
                f"maximum must not be below initial, the first wait of {self.initial:g} s; got "
                f"{self.maximum!r}"
            )
        if self.attempts is not None:
            whole_number("attempts", self.attempts, 0, MOST_ATTEMPTS)
        check_flag("at_start", self.at_start)


class BackOff:
    """Counts faults and frames of one source. Times are seconds on one clock of the caller's."""

    def __init__(self, retry: Retry) -> None:
        self._retry = retry
        self._failures = 0
        self._first: float | None = None
        self._last = 0.0

    def frame(self, now: float) -> None:
        """A frame came."""
        if self._first is None:
            self._first = now
        self._last = now

    def fault(self) -> float | None:
        """The source failed, or could not be opened.

        Returns:
            Seconds to wait before the next attempt, or None to give up.
        """
        if self._first is not None and self._last - self._first >= STEADY_SECONDS:
            self._failures = 0
        self._first = None
        if self._retry.attempts is not None and self._failures >= self._retry.attempts:
            return None
        # The exponent is bounded so that no power overflows after days of faults.
        wait = min(self._retry.initial * 2.0 ** min(self._failures, 64), self._retry.maximum)
        self._failures += 1
        return wait
