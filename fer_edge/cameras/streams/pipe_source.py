"""Bytes of a named pipe or of standard input."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from fer_edge.cameras.streams.byte_source import LARGEST_READ_BYTES, ByteSource
from fer_edge.cameras.streams.waiting import READABLE, Waiting
from fer_edge.errors import CameraError

STANDARD_INPUT = 0


class PipeSource(ByteSource):
    """What another program writes, until it closes its end."""

    def __init__(self, path: Path | None) -> None:
        """Args:
            path: a FIFO, which need not have a writer yet; None for standard input.

        Raises:
            CameraError: there is no such FIFO, or standard input is closed or a keyboard.
        """
        self._descriptor = _standard_input() if path is None else _fifo(path)
        self._awaited = (
            "bytes on standard input" if path is None else "bytes of whoever writes to it"
        )

    def open(self, waiting: Waiting) -> None:
        """Nothing is left to do."""

    def read(self, waiting: Waiting) -> bytes:
        # Without a writer `read` gives b"", as at the end: `poll` alone knows the difference.
        waiting.awaited = self._awaited
        while True:
            waiting.until(self._descriptor, READABLE)
            # If several programs read one FIFO, another one may have taken the bytes.
            with contextlib.suppress(BlockingIOError):
                return os.read(self._descriptor, LARGEST_READ_BYTES)

    def close(self) -> None:
        os.close(self._descriptor)


def _standard_input() -> int:
    try:
        descriptor = os.dup(STANDARD_INPUT)
    except OSError as error:
        raise CameraError("standard input is closed; pipe a stream into it") from error
    if os.isatty(descriptor):
        os.close(descriptor)
        raise CameraError(
            "standard input is a terminal; pipe a stream into it, such as: "
            "rpicam-vid -t 0 --codec mjpeg -o - | fer-edge watch -"
        )
    # Its blocking mode is not changed: all processes that have it open share this setting.
    return descriptor


def _fifo(path: Path) -> int:
    try:
        # With O_NONBLOCK a FIFO opens at once, whether somebody writes to it or not.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise CameraError(f"{path} cannot be opened: {reason}") from error
    if not stat.S_ISFIFO(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise CameraError(f"{path} is no FIFO (mkfifo makes one)")
    return descriptor
