"""A run's files: each is replaced in one step, so that a kill leaves the old one or the new one."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from train.errors import RunError


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Gives a name to write to; what is written there takes the place of `path` once it is whole.

    Raises:
        RunError: the file cannot be written, for example because the disk is full. Or something
            else than a file has its name: to replace a folder or a device would lose it.
    """
    if path.exists() and not path.is_file():
        raise RunError(f"{path} cannot be written: it is no regular file")
    # In the same folder, since only there a rename is one step; with the same ending, since
    # numpy and Keras look at it.
    draft = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        yield draft
        os.replace(draft, path)
    except OSError as error:
        # An `OutputError` has no `strerror`, and its text names the draft.
        reason = os.strerror(error.errno) if error.errno else error
        raise RunError(f"{path} cannot be written: {reason}") from error
    finally:
        with contextlib.suppress(OSError):
            draft.unlink()


def write_text(path: Path, text: str) -> None:
    """Replace a text file; see `replacing`. It may name files whose names are not UTF-8."""
    with replacing(path) as draft:
        draft.write_text(text, encoding="utf-8", errors="backslashreplace")


def write_json(path: Path, data: Any) -> None:
    """Replace a JSON file; see `replacing`."""
    write_text(path, json.dumps(data, indent=2) + "\n")


def add_line(path: Path, line: str) -> None:
    """Append to a text file.

    Raises:
        RunError: it cannot be written.
    """
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")
    except OSError as error:
        raise RunError(f"{path} cannot be written: {error.strerror or error}") from error


def read_json(path: Path, advice: str = "expected a folder made by python -m train fit") -> Any:
    """What a run's JSON file holds.

    Args:
        path: the file.
        advice: what to do if it is missing.

    Raises:
        RunError: missing or damaged.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RunError(f"{path} is missing; {advice}") from None
    except (OSError, ValueError, RecursionError) as error:
        raise RunError(
            f"{path} cannot be read: {error}; put a copy in its place, or train the run again"
        ) from error
