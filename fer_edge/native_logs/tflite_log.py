"""Keeps TFLite's own log line out of our output.

The first interpreter of a process writes "INFO: Created TensorFlow Lite XNNPACK delegate for CPU."
to stderr. Neither LiteRT nor tflite-runtime has a setting for it in Python. The environment
variables that are said to work silence another logger. The one that writes, tflite::MinimalLogger,
is not exported. So stderr's descriptor leads to a pipe for the milliseconds in which that
interpreter is made. A thread copies everything but that line from the pipe to the real stderr. It
ends when nobody can write to the pipe any more. A write of another thread may keep the pipe open,
or a child process that was started in that time.
"""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Iterator
from contextlib import contextmanager

NEWS = b"INFO: Created TensorFlow Lite XNNPACK delegate for CPU.\n"
STDERR = 2
LONGEST_JOIN_SECONDS = 1.0
"""Seconds to wait for the last writer. A child may write for hours: then the thread goes on."""
_POLL_SECONDS = 0.05
"""Seconds after which the thread looks whether the news can still come."""
_CHUNK_BYTES = 1 << 16
"""Bytes read at a time: a pipe's own size."""

_lock = threading.Lock()
_told: set[str] = set()
"""Backends that have made an interpreter: they print the line with the first one, or never."""


@contextmanager
def without_news(backend: str) -> Iterator[None]:
    """Keep NEWS from stderr while the first interpreter of `backend` is made in this process."""
    if backend in _told:
        yield
        return
    with _lock:
        diversion = _divert()
        try:
            yield
            _told.add(backend)
        finally:
            if diversion is not None:
                diversion.end()


def _divert() -> _Diversion | None:
    """Lead stderr into a pipe; None where this cannot be done."""
    opened: list[int] = []
    try:
        opened.append(os.dup(STDERR))
        opened.extend(os.pipe())
        os.dup2(opened[2], STDERR)
    except OSError:  # the process runs without a stderr, or has no descriptor left
        for descriptor in opened:
            os.close(descriptor)
        return None
    os.close(opened[2])
    return _Diversion(opened[0], opened[1])


class _Diversion:
    """Stderr leads into a pipe, and a thread copies from there to where it led before."""

    def __init__(self, before: int, reader: int) -> None:
        self._before = before
        self._reader = reader
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._copy, name="fer_edge-stderr", daemon=True)
        self._thread.start()

    def end(self) -> None:
        os.dup2(self._before, STDERR)
        self._ending.set()
        self._thread.join(LONGEST_JOIN_SECONDS)

    def _copy(self) -> None:
        arrivals = select.poll()
        arrivals.register(self._reader, select.POLLIN)
        held, expected, more = b"", True, True
        while more:
            if arrivals.poll(_POLL_SECONDS * 1000):
                arrived = os.read(self._reader, _CHUNK_BYTES)
                held, more = held + arrived, bool(arrived)
                if expected and more and NEWS not in held:
                    continue  # what has come may be the beginning of the news
            elif not self._ending.is_set():
                continue
            self._pass_on(held.replace(NEWS, b"", 1) if expected else held)
            held, expected = b"", False
        os.close(self._reader)
        os.close(self._before)

    def _pass_on(self, text: bytes) -> None:
        rest = memoryview(text)
        try:
            while rest:
                rest = rest[os.write(self._before, rest) :]
        except OSError:  # whoever read our stderr has gone
            pass
