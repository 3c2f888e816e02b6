"""One process at a time writes to a run folder."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from train.errors import RunError


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder's lock meanwhile. It ends with the process, however that ends.

    Raises:
        RunError: another process holds it, or there is no such folder.
    """
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise RunError(f"{folder} cannot be opened: {error.strerror}") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunError(
                f"{folder} is in use: another command is writing to it; wait for it, stop it, or "
                "name another folder"
            ) from None
        yield
    finally:
        os.close(descriptor)
