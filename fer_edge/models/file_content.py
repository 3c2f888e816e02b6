"""The bytes of a file that anybody may have named: a regular file of bounded size, or an error."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from fer_edge.errors import ArgumentError, ModelError, ModelFileError
from fer_edge.printable import printable

LARGEST_FILE_BYTES = 1 << 28
"""Bytes; a larger file is not a model for small computers, and is not read into memory."""


def file_content(path: Path) -> bytes:
    """Read a whole file.

    Raises:
        ArgumentError: the path is none.
        ModelFileError: it is missing, may not be read, or is a folder, a pipe or a device.
        ModelError: it is larger than LARGEST_FILE_BYTES.
    """
    if not isinstance(path, str | os.PathLike):
        raise ArgumentError(f"a model's path is a Path, got {type(path).__name__}")
    try:
        # Without O_NONBLOCK, opening a pipe waits for somebody who writes to it.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise ModelFileError(
                    f"the model {printable(path)} is a folder, a pipe or a device: expected a file"
                )
            if status.st_size > LARGEST_FILE_BYTES:
                raise ModelError(
                    f"{printable(path)} is larger than {LARGEST_FILE_BYTES} bytes: not a model for "
                    "fer_edge"
                )
            return _at_most(descriptor, status.st_size)
        finally:
            os.close(descriptor)
    except ModelError:
        raise
    except OSError as error:
        raise ModelFileError(
            f"the model {printable(path)} cannot be read: {error.strerror}"
        ) from error
    except ValueError as error:
        # A NUL, or characters that no file name of this system has.
        raise ModelFileError(f"no model can be called {printable(path)} ({error})") from error


def _at_most(descriptor: int, size: int) -> bytes:
    """The first `size` bytes: a file that grows meanwhile is cut there, one that shrinks ends."""
    parts, left = [], size
    while left and (part := os.read(descriptor, left)):
        parts.append(part)
        left -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)
