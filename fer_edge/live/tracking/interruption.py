"""How long a stream gave no frames."""

from __future__ import annotations

import time

from fer_edge.live.tracking.timeline import LONGEST_GAP_SECONDS


class Interruption:
    """From the moment it was reported to the moment frames came again."""

    def __init__(self, at: float | None) -> None:
        """Args:
        at: when it began, on the frames' clock; None: now.
        """
        self._at, self._began = at, time.monotonic()
        self._until: float | None = None
        self._ended: float | None = None

    def end(self, at: float | None) -> None:
        """Frames come again.

        Args:
            at: when, on the frames' clock; None: now.
        """
        self._until, self._ended = at, time.monotonic()

    def go_on(self) -> None:
        """They stopped once more, before a single one came."""
        self._until = self._ended = None

    @property
    def is_over(self) -> bool:
        """Whether frames come again."""
        return self._ended is not None

    @property
    def is_short(self) -> bool:
        """Whether a face after it may be taken for the one before."""
        if self._at is not None and self._until is not None and self._until >= self._at:
            return self._until - self._at <= LONGEST_GAP_SECONDS
        ended = time.monotonic() if self._ended is None else self._ended
        return ended - self._began <= LONGEST_GAP_SECONDS
