"""What a process holds: threads, descriptors, memory."""

from __future__ import annotations

import contextlib
import gc
import os
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fer_edge.command.timing import peak_memory_mb
from fer_edge.live.frames.memory import give_back


def resident_mb() -> float:
    """Memory that is resident now, in 1e6 bytes, without freed memory that the C library keeps. For
    threads that have ended, that is up to tens of megabytes, by chance.
    """
    gc.collect()
    give_back()
    found = re.search(r"VmRSS:\s*(\d+) kB", Path("/proc/self/status").read_text("utf-8"))
    assert found
    return int(found[1]) * 1024 / 1e6


def peak_from_now_mb() -> float:
    """Forget the process's earlier peak: the peak is what is resident now, in 1e6 bytes."""
    Path("/proc/self/clear_refs").write_text("5", "utf-8")
    return peak_memory_mb()


def held() -> tuple[int, int]:
    """Threads and descriptors."""
    return threading.active_count(), len(os.listdir("/proc/self/fd"))


def settled(before: tuple[int, int], seconds: float = 6.0) -> tuple[int, int]:
    """What is held once it is as before, or after so many seconds at most.

    A camera that hangs in a driver may need the 5 s that the cameras' contract allows.
    """
    until = time.monotonic() + seconds
    while (now := held()) > before and time.monotonic() < until:
        time.sleep(0.01)
    return now


@contextlib.contextmanager
def nothing_left() -> Iterator[None]:
    """No thread, descriptor or child more after the block than before it."""

    def held() -> tuple[int, int]:
        gc.collect()
        return threading.active_count(), len(os.listdir("/proc/self/fd"))

    def more() -> bool:
        # A thread of an earlier test may end meanwhile, so there may be fewer.
        return any(now > then for now, then in zip(held(), before, strict=True))

    before = held()
    yield
    deadline = time.monotonic() + 5
    while more() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not more(), (held(), before)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
