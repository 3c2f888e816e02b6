"""Keeping OpenCV from writing to the terminal about what we report ourselves."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator

import cv2


class _Silence:
    """Who asked for silence. The level is the process's: the first sets it, the last gives back."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.asked = 0
        self.before = 0


_silence = _Silence()
_SILENT = 0
"""OpenCV's LOG_LEVEL_SILENT."""


def _setter() -> Callable[[int], int] | None:
    """What sets the level and gives the one before: OpenCV has moved it from 4 to 5."""
    module = getattr(getattr(cv2, "utils", None), "logging", cv2)
    setter: Callable[[int], int] | None = getattr(module, "setLogLevel", None)
    return setter


@contextlib.contextmanager
def quiet_opencv() -> Iterator[None]:
    """Silence OpenCV's own log inside the block; blocks of several threads may overlap."""
    set_level = _setter()
    if set_level is None:
        yield
        return
    with _silence.lock:
        _silence.asked += 1
        if _silence.asked == 1:
            _silence.before = set_level(_SILENT)
    try:
        yield
    finally:
        with _silence.lock:
            _silence.asked -= 1
            if not _silence.asked:
                set_level(_silence.before)
