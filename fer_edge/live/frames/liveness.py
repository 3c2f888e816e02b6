"""Whether a source still works: how long it has given no frame, and how long it may."""

from __future__ import annotations

import time

SOURCE_GRACE_SECONDS = 1.0
"""Seconds that a source may need beyond its own time limit to say that it failed."""


class Liveness:
    """Watches one source from opening to opening."""

    def __init__(self, frame_timeout: float, open_timeout: float) -> None:
        """Args:
        frame_timeout: seconds without a frame that are too long.
        open_timeout: the same before the first frame of each opening.
        """
        self._frame_timeout, self._open_timeout = frame_timeout, open_timeout
        self._good = self._good_before = 0.0
        self._refused = False
        self.first = True
        """Whether the first frame since the opening is waited for."""
        self.patient = False
        """Whether it may take any time."""

    def begin(self) -> None:
        """The source is being opened, now."""
        self._good = self._good_before = time.monotonic()
        self._refused, self.first = False, True

    def frame(self) -> None:
        """A frame came, now."""
        now = time.monotonic()
        if self.first:
            self._good_before = now
        elif not self._refused:
            self._good_before = self._good
        self._good, self._refused, self.first = now, False, False

    def refuse(self) -> None:
        """The last frame was no picture: it does not count."""
        self._good, self._refused = self._good_before, True

    def left(self) -> float | None:
        """Seconds for which it may still give no frame; None: any time."""
        if self.patient:
            return None
        limit = self._open_timeout + SOURCE_GRACE_SECONDS if self.first else self._frame_timeout
        return max(0.0, self._good + limit - time.monotonic())

    def is_overdue(self) -> bool:
        """Whether frames come, but none could be read for too long."""
        return self._refused and self.left() == 0.0

    def complaint(self) -> str:
        """What is wrong with it, for people."""
        limit = self._open_timeout if self.first else self._frame_timeout
        what = "no picture that can be read" if self._refused else "no frame"
        return f"gave {what} for {limit:g} s"
