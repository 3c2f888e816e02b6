"""Memory that the C library keeps for itself, given back to the system."""

from __future__ import annotations

import contextlib
import ctypes


def give_back() -> None:
    """Give freed memory back to the system; without glibc nothing happens.

    glibc keeps freed memory for each thread that ever ran. A source that fails again and again
    starts many threads, and each leaves memory of the size of some pictures.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
