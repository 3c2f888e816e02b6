"""Which process a stream's threads run in: they do not come along into a child that is forked."""

from __future__ import annotations

import os

from fer_edge.errors import StreamEndedError


class Process:
    """The process in which this is made."""

    def __init__(self) -> None:
        self._id = os.getpid()

    @property
    def is_this(self) -> bool:
        """Whether it is the one that asks."""
        return self._id == os.getpid()

    def check(self) -> None:
        """Raises StreamEndedError in a child that was forked."""
        if not self.is_this:
            raise StreamEndedError(
                "the stream runs in the process that started it and not in this one, which was "
                "forked from it: make a new one here"
            )
