"""Whether files are still the same."""

from __future__ import annotations

import hashlib
from pathlib import Path


def hash_of(source: Path) -> str:
    """SHA-256 of a file, or of the names and bytes of a folder's files, in hexadecimal."""
    digest = hashlib.sha256()
    files = [source] if source.is_file() else sorted(p for p in source.rglob("*") if p.is_file())
    for file in files:
        if file != source:
            digest.update(file.relative_to(source).as_posix().encode() + b"\0")
        with file.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()
