"""Chooses the name under which a picture is written: never an existing one."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

from fer_edge.errors import OutputError
from fer_edge.pictures.image import Image
from fer_edge.pictures.picture_output import write_picture

LONGEST_STEM_BYTES = 200
"""Bytes of a name before its number and suffix: file systems take 255 in all."""


class FreeNames:
    """Writes pictures beside those that are there: seen.jpg, then seen-2.jpg, seen-3.jpg."""

    def __init__(self) -> None:
        self._next: dict[Path, int] = {}

    def write(self, path: Path, image: Image) -> Path:
        """Write a picture, and tell under which name.

        Raises:
            OutputError: the place cannot be written to, or the format is unknown.
        """
        for number in itertools.count(self._next.get(path, 1)):
            free = _numbered(path, number)
            self._next[path] = number + 1
            if os.path.lexists(free):
                continue
            try:
                write_picture(free, image)
            except OutputError:
                if not os.path.lexists(free):
                    raise
                # Another program took the name since: the next is tried.
                continue
            return free
        raise AssertionError("counting ended")


def _numbered(path: Path, number: int) -> Path:
    stem = path.stem
    while len(os.fsencode(stem)) > LONGEST_STEM_BYTES:
        stem = stem[:-1]
    return path.with_name(f"{stem}{'' if number == 1 else f'-{number}'}{path.suffix}")
