"""How `fer-edge` runs a command, and with which code it ends; docs/command.md has the codes."""

from __future__ import annotations

import argparse
import contextlib
import logging
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from signal import SIGINT

from fer_edge.command.arguments import parsed
from fer_edge.command.output import (
    ReaderGoneError,
    complain,
    only_our_lines,
    ready_streams,
)
from fer_edge.command.stop import NoThreadError, Stop, Stopped, run_until_stopped
from fer_edge.errors import ArgumentError, CameraError, FerEdgeError
from fer_edge.printable import printable

log = logging.getLogger(__name__)

EXIT_FAILED, EXIT_WRONG_ARGUMENT, EXIT_BUG = 1, 2, 70
"""Exit codes beside 0; a signal's is 128 and its number. 70 is EX_SOFTWARE of sysexits.h."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: its words without the program's name; those of this process if None.

    Returns:
        The exit code.
    """
    with ready_streams():
        try:
            return run_until_stopped(lambda stop: _code(argv, stop))
        except NoThreadError as error:
            return _told(error, verbose=False)


def _code(argv: Sequence[str] | None, stop: Stop) -> int:
    """Run one command and give its exit code, also after any error."""
    verbose = True
    try:
        args = parsed(argv)
        verbose = args.verbose
        with contextlib.ExitStack() as inside:
            if not verbose:
                inside.enter_context(only_our_lines())
            inside.enter_context(_logging(verbose))
            inside.enter_context(_threads_told(verbose))
            return _run(args, stop)
    except SystemExit as end:  # after --help and --version
        return end.code if isinstance(end.code, int) else EXIT_WRONG_ARGUMENT
    except BaseException as error:
        return _told(error, verbose)


def _run(args: argparse.Namespace, stop: Stop) -> int:
    try:
        code = int(args.run(args, stop))
    except Stopped:
        return 128 + (stop.signal or SIGINT)
    except BaseException as error:
        if stop.signal is not None and isinstance(error, CameraError):
            # A camera that is closed while it is opened or read says that it has failed.
            log.debug("after the signal: %s", error)
            return 128 + stop.signal
        code = _told(error, args.verbose)
        return code if stop.signal is None else 128 + stop.signal
    if stop.signal is None or (stop.signal == SIGINT and args.ends_by_ctrl_c):
        return code
    return 128 + stop.signal


def _told(error: BaseException, verbose: bool) -> int:
    """Print what went wrong, in one line, and give the exit code."""
    if isinstance(error, ReaderGoneError):
        complain(f"fer-edge: {printable(error)}")
        return 0
    if isinstance(error, FerEdgeError):
        complain(f"fer-edge: {printable(error)}")
        return EXIT_WRONG_ARGUMENT if isinstance(error, ArgumentError) else EXIT_FAILED
    if isinstance(error, MemoryError):
        complain("fer-edge: there is not enough memory for this; a smaller picture needs less")
        return EXIT_FAILED
    if verbose:
        complain("".join(traceback.format_exception(error)), end="")
    complain(
        f"fer-edge: unexpected {type(error).__name__}: {printable(error)}; this is a mistake in "
        "fer-edge: please report it, with what --verbose prints"
    )
    return EXIT_BUG


@contextlib.contextmanager
def _threads_told(verbose: bool) -> Iterator[None]:
    """An unexpected error in another thread is printed as one line as well."""
    before = threading.excepthook, sys.unraisablehook

    def tell(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            _told(args.exc_value, verbose)

    threading.excepthook = tell
    if not verbose:
        # Errors while an object is deleted have no effect on the results.
        sys.unraisablehook = lambda _: None
    try:
        yield
    finally:
        threading.excepthook, sys.unraisablehook = before


class _Lines(logging.Handler):
    """Prints our news as they are, and warnings with the command's name before them."""

    def emit(self, record: logging.LogRecord) -> None:
        text = printable(record.getMessage())
        complain(f"fer-edge: {text}" if record.levelno >= logging.WARNING else text)


@contextlib.contextmanager
def _logging(verbose: bool) -> Iterator[None]:
    """Show our own news, and of the libraries beneath only the warnings."""
    handler, ours = _Lines(), logging.getLogger("fer_edge")
    before = ours.level
    ours.setLevel(logging.DEBUG if verbose else logging.INFO)
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)
        ours.setLevel(before)
