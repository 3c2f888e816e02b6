"""Starts threads: a system that has none left is told of as what could not be read."""

from __future__ import annotations

import threading

from fer_edge.errors import CameraError


def start(thread: threading.Thread, what: str) -> None:
    """Start a thread.

    Args:
        thread: has not started.
        what: needs it, for people.

    Raises:
        CameraError: the system has no thread left; a later one may start again.
    """
    try:
        thread.start()
    except RuntimeError as error:
        raise CameraError(f"{what} cannot be read: {error}") from error
