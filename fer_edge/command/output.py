"""Where the command's lines go: results to stdout, all else to stderr, and no lines of libraries.

Both may be closed, full or read by nobody. Libraries beneath us (OpenCV, FFmpeg, libpng, libcamera,
TFLite) write to the process's stderr as they like: the command keeps them out of it.
"""

from __future__ import annotations

import contextlib
import faulthandler
import io
import os
import sys
import warnings
from collections.abc import Iterator
from typing import TextIO

from fer_edge.errors import OutputError


class ReaderGoneError(OutputError):
    """Whoever read the results has stopped reading (`| head`): a way to end a command."""


def tell(*lines: str) -> None:
    """Print results at once: a robot behind a pipe must not wait for a full buffer.

    Raises:
        ReaderGoneError: nobody reads them any more.
        OutputError: stdout is closed or full.
    """
    if sys.stdout is None:
        raise OutputError("standard output is closed: there is nowhere to print results to")
    try:
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()
    except BrokenPipeError as error:
        raise ReaderGoneError("nobody reads the results any more") from error
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise OutputError(f"results cannot be written to standard output: {why}") from error


def complain(text: str, end: str = "\n") -> None:
    """Print to stderr, if there is one that takes it."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(text + end)
        sys.stderr.flush()


@contextlib.contextmanager
def ready_streams() -> Iterator[None]:
    """Inside the block no number below 3 is free, and any name can be printed.

    A file that was opened where stdout or stderr is closed would get its number, and then whatever
    a library prints.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # The lowest free number is taken, which is this one.
            os.open(os.devnull, os.O_RDWR)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            _leave_nothing(stream)


def _leave_nothing(stream: TextIO | None) -> None:
    """Python flushes at its end, and would print an error there if that fails."""
    if stream is None:
        return
    try:
        stream.flush()
    except (OSError, ValueError):
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


@contextlib.contextmanager
def only_our_lines() -> Iterator[None]:
    """Inside the block libraries' own lines go nowhere; a crash in native code is still told."""
    if sys.__stderr__ is None or sys.stderr is not sys.__stderr__:
        # It is closed, or a program that calls `main` has replaced it.
        yield
        return
    theirs: TextIO = sys.__stderr__
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    ours = open(kept, "w", encoding=theirs.encoding, errors="backslashreplace")  # noqa: SIM115
    sys.stderr = ours
    was_enabled = faulthandler.is_enabled()
    faulthandler.enable(file=ours)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        os.dup2(kept, 2)
        if was_enabled:
            faulthandler.enable()
        else:
            faulthandler.disable()
        sys.stderr = theirs
        with contextlib.suppress(OSError):
            ours.close()
