"""Keeping OpenCV from writing to the terminal about what we report ourselves."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

import cv2


class _Silence:
    """Who asked for silence. The level is the process's: the first sets it, the last gives back."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.asked = 0
        self.before = 0


_silence = _Silence()


@contextlib.contextmanager
def quiet_opencv() -> Iterator[None]:
    """Silence OpenCV's own log inside the block; blocks of several threads may overlap."""
    logging = getattr(getattr(cv2, "utils", None), "logging", None)
    if logging is None:
        yield
        return
    with _silence.lock:
        _silence.asked += 1
        if _silence.asked == 1:
            _silence.before = logging.setLogLevel(logging.LOG_LEVEL_SILENT)
    try:
        yield
    finally:
        with _silence.lock:
            _silence.asked -= 1
            if not _silence.asked:
                logging.setLogLevel(_silence.before)
