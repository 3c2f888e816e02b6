"""Playing a recording at its own speed."""

from __future__ import annotations

import time

from fer_edge.cameras.closing import Closing


class Pace:
    """Waits until a position in a recording is due; the first one asked for is due at once."""

    def __init__(self, closing: Closing) -> None:
        """Args:
        closing: ends a wait.
        """
        self._closing = closing
        self._start: float | None = None

    def wait_for(self, position: float) -> float:
        """Wait for a position, in seconds.

        Returns:
            When it was due, in seconds of `time.monotonic()`. For a frame that is asked for too
            late this is in the past: the frame then comes at once, and none is left out.
        """
        now = time.monotonic()
        if self._start is None:
            self._start = now - position
        due = self._start + position
        self._closing.wait(due - now)
        return due
