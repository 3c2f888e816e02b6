"""Silences OpenCV's log about errors that we report ourselves."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator

import cv2


class _Silence:
    """Counts open blocks. The level belongs to the process: the first block sets it, the last
    restores it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.asked = 0
        self.before = 0


_silence = _Silence()
_SILENT = 0
"""OpenCV's LOG_LEVEL_SILENT."""


def _setter() -> Callable[[int], int] | None:
    """The function that sets the level and returns the old one; OpenCV 5 has moved it."""
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
