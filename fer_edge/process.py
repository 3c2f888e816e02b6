"""Which process something was made in: threads and devices stay there when a child is forked."""

from __future__ import annotations

import os

from fer_edge.errors import FerEdgeError


class Process:
    """The process in which this is made."""

    def __init__(self) -> None:
        self._id = os.getpid()

    @property
    def is_this(self) -> bool:
        """Whether it is the one that asks."""
        return self._id == os.getpid()

    def check(self, error: type[FerEdgeError], message: str) -> None:
        """Raises this error with this message in a child that was forked."""
        if not self.is_this:
            raise error(message)
