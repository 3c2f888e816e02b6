"""How much memory this process has needed."""

from __future__ import annotations

import re
import resource
from pathlib import Path


def peak_memory_mb() -> float:
    """The most memory that this process has had resident so far, in 1e6 bytes."""
    status = Path("/proc/self/status")
    if status.exists():
        # Not getrusage: on Linux that counts what the parent had before it started this program.
        kibibytes = re.search(r"VmHWM:\s*(\d+) kB", status.read_text("utf-8"))
        if kibibytes:
            return int(kibibytes[1]) * 1024 / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
