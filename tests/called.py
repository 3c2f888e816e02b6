"""Commands called in this process: to import TensorFlow anew for each takes seconds."""

from __future__ import annotations

import contextlib
import io
import logging
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Called:
    """What a command left, named as in `subprocess.CompletedProcess`."""

    returncode: int
    """The exit code."""
    stdout: str
    """What Python wrote there."""
    stderr: str
    """Likewise, the log's lines among it."""


def called(main: Callable[[], int], *words: str | Path) -> Called:
    """Run a command's `main` with these words on its command line."""
    out, err = io.StringIO(), io.StringIO()
    with (
        _command_line(words),
        _no_log_handlers(),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            code = main()
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    return Called(code, out.getvalue(), err.getvalue())


@contextlib.contextmanager
def _command_line(words: tuple[str | Path, ...]) -> Iterator[None]:
    before = sys.argv
    sys.argv = ["command", *map(str, words)]
    try:
        yield
    finally:
        sys.argv = before


@contextlib.contextmanager
def _no_log_handlers() -> Iterator[None]:
    """So that the command adds its own, as it does in a process of its own."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers.clear()
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
