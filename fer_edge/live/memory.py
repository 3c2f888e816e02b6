"""Memory that the C library keeps for itself, given back to the system."""

from __future__ import annotations

import contextlib
import ctypes


def give_back() -> None:
    """Give back what was freed; where the C library is another than glibc nothing happens.

    glibc keeps freed memory for each thread that there was. A source that fails again and again
    has many, one after the other, and each leaves pictures' worth of it.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
