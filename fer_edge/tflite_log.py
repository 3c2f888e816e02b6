"""Keeping TFLite's news about itself out of our lines.

The first interpreter of a process writes "INFO: Created TensorFlow Lite XNNPACK delegate for CPU."
to stderr. Neither LiteRT nor tflite-runtime has a setting for it in Python: the environment
variables that are said to work silence another logger, and the one that writes (tflite::
MinimalLogger) is not exported. So stderr's descriptor leads to memory while that interpreter is
made, some milliseconds, and whatever else was written there meanwhile, by any thread, goes out
right after. (A child process that another thread starts just then keeps the memory as its stderr.)
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

NEWS = b"INFO: Created TensorFlow Lite XNNPACK delegate for CPU.\n"
STDERR = 2

_lock = threading.Lock()
_told: set[str] = set()
"""Backends of which an interpreter has been made: they say it with the first, or never."""


@contextmanager
def without_news(backend: str) -> Iterator[None]:
    """Keep NEWS from stderr while the first interpreter of `backend` is made in this process."""
    if backend in _told:
        yield
        return
    with _lock:
        descriptors = _divert()
        try:
            yield
            _told.add(backend)
        finally:
            if descriptors is not None:
                _restore(*descriptors)


def _divert() -> tuple[int, int] | None:
    """What stderr was and the memory that it leads to now; None where this cannot be done."""
    try:
        before = os.dup(STDERR)
    except OSError:  # the process runs without a stderr
        return None
    try:
        memory = os.memfd_create("stderr")
    except OSError:
        os.close(before)
        return None
    os.dup2(memory, STDERR)
    return before, memory


def _restore(before: int, memory: int) -> None:
    os.dup2(before, STDERR)
    try:
        os.lseek(memory, 0, os.SEEK_SET)
        with os.fdopen(memory, "rb") as file:
            written = file.read()
        rest = memoryview(written.replace(NEWS, b"", 1))
        while rest:
            rest = rest[os.write(STDERR, rest) :]
    except OSError:  # whoever read our stderr has gone
        pass
    finally:
        os.close(before)
