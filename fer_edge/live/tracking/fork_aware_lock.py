"""Whose turn it is: one caller at a time, and nobody in a child that was forked in mid-turn."""

from __future__ import annotations

import threading

from fer_edge.errors import StreamEndedError
from fer_edge.forked import begin_anew_in_children


class ForkAwareLock:
    """Callers of one thing come one after the other."""

    def __init__(self) -> None:
        self._lock, self._is_half_done = threading.Lock(), False
        begin_anew_in_children(self, ForkAwareLock._begin_anew)

    def _begin_anew(self) -> None:
        """See `fer_edge.forked`."""
        self._is_half_done = self._is_half_done or self._lock.locked()

    @property
    def lock(self) -> threading.Lock:
        """To be held for a turn.

        Raises:
            StreamEndedError: the process was forked in the middle of a turn of its parent's, which
                nobody will end here.
        """
        if self._is_half_done:
            raise StreamEndedError(
                "the tracker was at work when this process was forked: make a new one here"
            )
        return self._lock
