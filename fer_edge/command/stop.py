"""How a command ends before its work is done: Ctrl-C, SIGTERM, or the terminal that goes away.

A thread does the work, and the main thread only waits. Python runs signal handlers in the main
thread alone, and there only between two of its own steps. Work in the main thread would delay them:
a slow picture, a model that is loaded, a FIFO without a writer, a full pipe.

The main thread waits in `poll` for a pipe that Python's own C handler writes to. A wait for a lock
would miss a signal that comes just before it: the handler would run only after the wait.
"""

from __future__ import annotations

import contextlib
import logging
import os
import select
import signal
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Protocol, TypeVar

from fer_edge.errors import FerEdgeError
from fer_edge.whole_file import remove_unfinished

log = logging.getLogger(__name__)

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GRACE_SECONDS = 0.7
"""Seconds that the work has to end by itself; the whole is to end within one."""
DONE_BYTE = b"\0"
"""What the work writes at its end: no signal has this number."""


class Stopped(Exception):  # noqa: N818 - no error
    """The command was asked to end before its actual work had begun."""


class NoThreadError(FerEdgeError, RuntimeError):
    """The system has no thread or no memory left for the command."""


class Closable(Protocol):
    """What a command waits for: a camera, or a stream."""

    def close(self) -> None:
        """End the wait; may be called from any thread."""
        ...


Open = TypeVar("Open", bound=Closable)


class Stop:
    """Whether the command was asked to end, and what is closed then."""

    def __init__(self) -> None:
        self.signal: int | None = None
        """The number of the signal that asked for it."""
        self._open: list[Closable] = []

    def ask(self, number: int) -> None:
        """End the command: a thread closes what is open, because that may take long."""
        self.signal = number
        for thing in tuple(self._open):
            try:
                threading.Thread(target=_close, args=(thing,), daemon=True).start()
            except RuntimeError as error:
                # The system has no thread left. `run_until_stopped` ends the process in time.
                log.debug("closing %s: %s", thing, error)

    def check(self) -> None:
        """Raises Stopped if the command was asked to end."""
        if self.signal is not None:
            raise Stopped

    @contextlib.contextmanager
    def closing(self, thing: Open) -> Iterator[Open]:
        """Close it at the end of the block, or when the command is asked to end.

        Raises:
            Stopped: it was asked to end before.
        """
        self._open.append(thing)
        try:
            self.check()
            yield thing
        finally:
            self._open.remove(thing)
            thing.close()


def _close(thing: Closable) -> None:
    try:
        thing.close()
    except Exception as error:
        log.debug("closing %s: %r", thing, error)


def run_until_stopped(work: Callable[[Stop], int]) -> int:
    """Do the work in a thread.

    Args:
        work: gives the exit code and raises nothing. It may look at the `Stop` that it is given.

    Returns:
        What the work gave. The process ends here if the work was asked to end and does not in
        GRACE_SECONDS, or if a second signal comes. The code is 128 and the signal's number then.

    Raises:
        NoThreadError: nothing has begun.
    """
    stop, codes = Stop(), list[int]()
    with _news() as (reading, writing):

        def whole() -> None:
            codes.append(work(stop))
            os.write(writing, DONE_BYTE)

        try:
            threading.Thread(target=whole, name="fer-edge", daemon=True).start()
        except RuntimeError as error:
            raise NoThreadError(
                f"cannot begin ({error}): end other programs, or allow more threads and memory"
            ) from error
        number = _next(reading, None)
        if number is None or number == DONE_BYTE[0]:
            return codes[0]
        stop.ask(number)
        is_done = _next(reading, GRACE_SECONDS) == DONE_BYTE[0]
        if is_done and _nothing_holds_python():
            return codes[0]
        remove_unfinished()
        os._exit(codes[0] if is_done else 128 + number)


@contextlib.contextmanager
def _news() -> Iterator[tuple[int, int]]:
    """Both ends of a pipe: signals are written to it by their numbers, as Python notes them."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    before, woken = {}, None
    if threading.current_thread() is threading.main_thread():
        woken = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        for number in SIGNALS:
            # A shell's background jobs and nohup have it ignored: that stays.
            if signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, _noted)
    try:
        yield reading, writing
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if woken is not None:
            signal.set_wakeup_fd(woken)
        os.close(reading)
        os.close(writing)


def _noted(number: int, _: FrameType | None) -> None:
    """Does nothing: the number is in the pipe already."""


def _next(reading: int, seconds: float | None) -> int | None:
    """The next of our signals, or DONE_BYTE; None if neither comes in so many seconds."""
    poll = select.poll()
    poll.register(reading, select.POLLIN)
    end = None if seconds is None else time.monotonic() + seconds
    while True:
        left = None if end is None else max(0.0, end - time.monotonic()) * 1000
        if not poll.poll(left):
            return None
        number = os.read(reading, 1)[0]
        if number == DONE_BYTE[0] or number in SIGNALS:
            return number


def _nothing_holds_python() -> bool:
    """Whether no thread is left that Python would wait for at its end."""
    here = threading.current_thread()
    return all(thread.daemon or thread is here for thread in threading.enumerate())
