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

from fer_edge.command.peak_memory import peak_memory_mb
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


def is_more(now: tuple[int, int], before: tuple[int, int]) -> bool:
    """Whether one of both is more. A thread of an earlier test may end, so there may be fewer."""
    return any(one > other for one, other in zip(now, before, strict=True))


def settled(before: tuple[int, int], seconds: float = 6.0) -> tuple[int, int]:
    """What is held once it is as before, or after so many seconds at most.

    A camera that hangs in a driver may need the 5 s that the cameras' contract allows.
    """
    until = time.monotonic() + seconds
    while is_more(now := held(), before) and time.monotonic() < until:
        time.sleep(0.01)
    return now


@contextlib.contextmanager
def nothing_left() -> Iterator[None]:
    """No thread, descriptor or child more after the block than before it."""
    gc.collect()
    before = held()
    yield
    gc.collect()
    assert not is_more(now := settled(before), before), (now, before)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
