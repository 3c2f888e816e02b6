"""Where a stream's bytes come from: one contract for pipes, servers and child processes."""

from __future__ import annotations

import abc
from typing import ClassVar

from fer_edge.cameras.streams.waiting import Waiting

LARGEST_READ_BYTES = 65536
"""Bytes that are read at once, at most: what a pipe holds."""


class ByteSource(abc.ABC):
    """Bytes as they come, read by one thread, which may be stopped at any moment."""

    is_packets: ClassVar[bool] = False
    """Whether the bytes are `messages.py`'s, not a stream to be recognised by its beginning."""

    @abc.abstractmethod
    def open(self, waiting: Waiting) -> None:
        """Do what must be done before bytes can come. If a wait in it ends with an error, it may be
        called again, and goes on where it was.

        Raises:
            CameraError: the source cannot be opened.
        """

    @abc.abstractmethod
    def read(self, waiting: Waiting) -> bytes:
        """The next bytes, at least one, or b"" at the regular end.

        Raises:
            CameraError: it ended or failed when it should have gone on.
        """

    @abc.abstractmethod
    def close(self) -> None:
        """Give everything back. Called once, and never while `open` or `read` runs."""
