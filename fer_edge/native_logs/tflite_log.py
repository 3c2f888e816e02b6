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
import time
from collections.abc import Iterator
from contextlib import contextmanager

NEWS = b"INFO: Created TensorFlow Lite XNNPACK delegate for CPU.\n"
STDERR = 2
QUIET = 0.002
"""Seconds without a further write after which none is under way."""

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
        rest = memoryview(_written(memory).replace(NEWS, b"", 1))
        while rest:
            rest = rest[os.write(STDERR, rest) :]
    except OSError:  # whoever read our stderr has gone
        pass
    finally:
        os.close(memory)
        os.close(before)


def _written(memory: int) -> bytes:
    """All that went into the memory, once nothing has come for a moment: another thread may have
    begun to write there just before stderr was given back.
    """
    found = b""
    while True:
        time.sleep(QUIET)
        # Read at a place of its own: whoever still writes shares the descriptor's.
        more = os.pread(memory, 1 << 20, len(found))
        if not more:
            return found
        found += more
