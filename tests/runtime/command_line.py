"""`fer-edge` as a user runs it: a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FER_EDGE = [sys.executable, "-m", "fer_edge"]


def fer_edge(*words: str | Path, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [*FER_EDGE, *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=120)
