"""Files that nobody means as data."""

from __future__ import annotations

from pathlib import PurePosixPath


def is_hidden(name: str) -> bool:
    """Whether macOS or an editor has left a path, with forward slashes, inside a source."""
    return any(part.startswith(".") or part == "__MACOSX" for part in PurePosixPath(name).parts)
