"""Which files are being written and not whole yet, so that an ended program leaves none behind."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

_PATHS: set[Path] = set()


@contextlib.contextmanager
def unfinished(path: Path) -> Iterator[None]:
    """Inside the block the file is unfinished; after it, or at `remove_unfinished`, it is gone."""
    _PATHS.add(path)
    try:
        yield
    finally:
        _remove(path)
        _PATHS.discard(path)


def remove_unfinished() -> None:
    """Remove what is unfinished now: for an end that leaves no time for the blocks to be left."""
    for path in tuple(_PATHS):
        _remove(path)


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        os.unlink(path)
