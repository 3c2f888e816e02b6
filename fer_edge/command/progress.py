"""Shows the progress through many files: one line on the terminal that is written over."""

from __future__ import annotations

import shutil
import sys
import time

from fer_edge.command.output import complain

REFRESH_SECONDS = 0.1
"""Seconds between two states of the line."""
LONGEST_BAR_CHARACTERS = 40
"""The bar's length, in characters."""


class Progress:
    """A bar on stderr, if that is a terminal and there is more than one thing to do."""

    def __init__(self, count: int) -> None:
        """Args:
        count: how many things there are to do.
        """
        self._count, self._shown, self._when = count, 0, 0.0
        self._wanted = count > 1 and sys.stderr is not None and sys.stderr.isatty()

    def show(self, done: int) -> None:
        """Show how many are done; not more often than a terminal needs it."""
        now = time.monotonic()
        if not self._wanted or (self._shown and now - self._when < REFRESH_SECONDS):
            return
        self._when = now
        figures = f" {done} of {self._count} pictures"
        room = min(LONGEST_BAR_CHARACTERS, shutil.get_terminal_size().columns - len(figures) - 3)
        bar = f"[{'#' * (room * done // self._count):{room}}]" if room > 0 else ""
        self.hide()
        complain(f"{bar}{figures}", end="\r")
        self._shown = len(bar) + len(figures)

    def hide(self) -> None:
        """Clear the line, so that others can be printed."""
        if self._shown:
            complain(" " * self._shown, end="\r")
            self._shown = 0
