"""Writes a file whole or not at all, even if the program is ended meanwhile."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK, errno.EINVAL)
"""Errors of file systems without hard links (FAT on a memory card)."""
_PATHS: set[Path] = set()
"""Files that are being written and are not whole yet."""


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
    """Remove all unfinished files now, for an end that does not leave the blocks."""
    for path in tuple(_PATHS):
        _remove(path)


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        os.unlink(path)


def write_whole(path: Path, content: bytes | memoryview, *, overwrite: bool = False) -> None:
    """Write a file, which appears under its name once it is whole and on the disk.

    Args:
        path: where to; its folder exists.
        content: all of it.
        overwrite: whether an existing file may be replaced.

    Raises:
        FileExistsError: there is one, and it is not to be replaced.
        OSError: the folder cannot be written to, or the disk is full.
    """
    # In the same folder, so that it only needs another name; short, whatever the name's length.
    part = path.parent / f".{os.urandom(8).hex()}.part"
    with unfinished(part):
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        if overwrite:
            os.replace(part, path)
        else:
            _name(part, path)


def _name(part: Path, path: Path) -> None:
    """Give the file its name, unless something has it."""
    try:
        os.link(part, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # The name is reserved first by an empty file; then the whole file takes its place.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666))
        try:
            os.replace(part, path)
        except BaseException:
            path.unlink()
            raise
