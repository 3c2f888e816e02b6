"""How long a stream gave no frames, in the frames' own times."""

from __future__ import annotations

from fer_edge.live.tracking.timeline import LONGEST_GAP_SECONDS


class Interruption:
    """From the moment it was reported to the moment frames came again."""

    def __init__(self, at: float) -> None:
        """Args:
        at: when it began, on the frames' clock; the last frame's time where nobody knows.
        """
        self._at = at
        self._until: float | None = None

    def end(self, at: float) -> None:
        """Frames come again.

        Args:
            at: when, likewise.
        """
        self._until = at

    def go_on(self) -> None:
        """They stopped once more, before a single one came."""
        self._until = None

    @property
    def is_over(self) -> bool:
        """Whether frames come again."""
        return self._until is not None

    def is_short(self, passed: float) -> bool:
        """Whether a face after it may be taken for the one before.

        Args:
            passed: seconds from the last frame before it to the first one after it. They count
                where the times of its own tell no length.
        """
        length = passed
        if self._until is not None and self._until > self._at:
            length = self._until - self._at
        return length <= LONGEST_GAP_SECONDS
