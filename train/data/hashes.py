"""Whether files are still the same."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from train.data.hidden import is_hidden


def hash_of(source: Path) -> str:
    """SHA-256 of a file, or of the names and bytes of a folder's files that are not hidden, in
    hexadecimal."""
    digest = hashlib.sha256()
    files = [source] if source.is_file() else sorted(p for p in source.rglob("*") if p.is_file())
    for file in files:
        if file != source:
            name = file.relative_to(source).as_posix()
            if is_hidden(name):
                continue
            # The name's own bytes, which need not be UTF-8.
            digest.update(os.fsencode(name) + b"\0")
        with file.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()
