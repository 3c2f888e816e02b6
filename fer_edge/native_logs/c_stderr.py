"""Catches what C libraries print to stderr while they decode, so that it can be judged.

libjpeg and libpng have no other way to say that a picture is damaged: OpenCV leaves their messages
to C's `fprintf(stderr, …)`. The C variable `stderr` points at a pipe for that time. Python's
`sys.stderr`, C++'s `cerr` and child processes use file descriptor 2, which is not changed. So none
of their output is lost.

Only glibc lets its `stderr` be set; with another C library the block does nothing.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import threading
from collections.abc import Iterator

MOST_BYTES = 1 << 16
"""Bytes that are kept of what is printed: a pipe's own size. The rest is dropped."""
_UNBUFFERED = 2
"""glibc's _IONBF: what is printed is in the pipe at once."""


class _Pipe:
    """A C stream that ends in a pipe. It lives as long as the process: another thread that prints
    may hold the stream for a moment after it was taken away."""

    def __init__(self, libc: ctypes.CDLL) -> None:
        self._stderr = ctypes.c_void_p.in_dll(libc, "stderr")
        self._reader, writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        libc.fdopen.restype = ctypes.c_void_p
        libc.fdopen.argtypes = [ctypes.c_int, ctypes.c_char_p]
        libc.setvbuf.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t]
        self._stream = libc.fdopen(writer, b"w")
        if not self._stream:
            raise OSError("fdopen failed")
        libc.setvbuf(self._stream, None, _UNBUFFERED, 0)
        self._real: int | None = None
        # A child that another thread forks meanwhile must have its stderr.
        os.register_at_fork(after_in_child=self.give_back)

    def take(self) -> None:
        # In this order: an interrupt between the two leaves all as it was.
        self._real = self._stderr.value
        self._stderr.value = self._stream

    def give_back(self) -> None:
        if self._real is not None:
            self._stderr.value, self._real = self._real, None

    def text(self) -> str:
        """What was printed since the last call."""
        try:
            return os.read(self._reader, MOST_BYTES).decode("utf-8", "replace")
        except BlockingIOError:
            return ""


_lock = threading.Lock()
_pipes: list[_Pipe | None] = []
"""The pipe once it was needed, or None where there can be none."""


def _pipe() -> _Pipe | None:
    if not _pipes:
        try:
            libc = ctypes.CDLL(None)
            libc.gnu_get_libc_version  # noqa: B018 - asks for the symbol: musl has none
            _pipes.append(_Pipe(libc))
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE):
                # There may be free descriptors at the next picture.
                return None
            _pipes.append(None)
        except (AttributeError, TypeError, ValueError):
            _pipes.append(None)
    return _pipes[0]


@contextlib.contextmanager
def caught_c_stderr() -> Iterator[list[str]]:
    """Catch what C code prints to stderr inside the block; one thread at a time.

    Yields:
        A list that holds the printed lines once the block has ended.
    """
    lines: list[str] = []
    with _lock:
        pipe = _pipe()
        if pipe is None:
            yield lines
            return
        try:
            pipe.take()
            yield lines
        finally:
            pipe.give_back()
            lines.extend(pipe.text().splitlines())


def _forget() -> None:
    # The lock may have been held by a thread that the child does not have.
    global _lock
    _lock = threading.Lock()


os.register_at_fork(after_in_child=_forget)
