"""How a command ends before its work is done: Ctrl-C, SIGTERM, or the terminal that goes away.

The work is done in a thread, and the main thread only waits: Python runs signal handlers in the
main thread alone, and there only between two of its own steps. A picture that takes seconds to
decode, a model that is loaded, a FIFO that nobody writes to or a full pipe would each delay them.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Protocol, TypeVar

from fer_edge.unfinished import remove_unfinished

log = logging.getLogger(__name__)

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GRACE = 0.7
"""Seconds that the work has to end by itself; the whole is to end within one."""


class Stopped(Exception):  # noqa: N818 - no error
    """The command was asked to end before it came to what can be ended well."""


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
        """End the command: what is open is closed, in a thread, since that may take its time."""
        self.signal = number
        for thing in tuple(self._open):
            threading.Thread(target=_close, args=(thing,), daemon=True).start()

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
        What the work gave. If it was asked to end and does not in GRACE seconds, or a second signal
        comes, the process ends here, with 128 and the signal's number.
    """
    news: queue.SimpleQueue[tuple[str, int]] = queue.SimpleQueue()
    stop = Stop()
    thread = threading.Thread(
        target=lambda: news.put(("done", work(stop))), name="fer-edge", daemon=True
    )
    with _told_of_signals(news):
        thread.start()
        what, number = news.get()
        if what == "done":
            return number
        stop.ask(number)
        try:
            what, code = news.get(timeout=GRACE)
        except queue.Empty:
            what, code = "late", 0
        if what == "done" and _nothing_holds_python():
            return code
        remove_unfinished()
        os._exit(code if what == "done" else 128 + number)


@contextlib.contextmanager
def _told_of_signals(news: queue.SimpleQueue[tuple[str, int]]) -> Iterator[None]:
    def tell(number: int, _: FrameType | None) -> None:
        news.put(("signal", number))

    before = {}
    if threading.current_thread() is threading.main_thread():
        for number in SIGNALS:
            # A shell's background jobs and nohup have it ignored: that stays.
            if signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, tell)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _nothing_holds_python() -> bool:
    """Whether no thread is left that Python would wait for at its end."""
    here = threading.current_thread()
    return all(thread.daemon or thread is here for thread in threading.enumerate())
