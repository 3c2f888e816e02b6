"""Keeps a stream's results until a consumer takes them: one outlet for each consumer."""

from __future__ import annotations

import abc
import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Generic, TypeVar

log = logging.getLogger(__name__)

STALLED_SECONDS = 5.0
"""Seconds after which the log says that a stream waits for a consumer."""

T = TypeVar("T")


class Ended(Exception):  # noqa: N818 - not an error: nothing more will come
    """The stream has ended, and all that was left has been taken."""


class Outlet(abc.ABC, Generic[T]):
    """Filled by the stream's thread, emptied by a consumer in its own."""

    def __init__(self) -> None:
        # Python may end a forgotten consumer while this very thread holds the lock.
        self._changed = threading.Condition(threading.RLock())
        self._wakers: list[Callable[[], None]] = []
        self._finished = False
        self._error: BaseException | None = None
        self._trace: TracebackType | None = None
        self._hurried = False
        self._complained = False
        self.told = threading.Event()
        """Set once the stream's error has been raised to the consumer."""
        self.stream = "a stream"
        """The name of the stream that fills it, for people."""

    @abc.abstractmethod
    def _pop(self) -> T | None:
        """What is next, or None. Called with the lock held."""

    @abc.abstractmethod
    def _forget(self) -> None:
        """Throw away what is useless after the end. Called with the lock held."""

    def take(self, timeout: float | None = None) -> T | None:
        """What is next; waits for it.

        Args:
            timeout: seconds to wait at most; None: as long as it takes.

        Returns:
            None if there is nothing in that time.

        Raises:
            Ended: nothing more will come.
            BaseException: the error that the stream ended with.
        """
        found: list[T] = []

        def is_decided() -> bool:
            item = self._pop()
            if item is not None:
                found.append(item)
            return item is not None or self._finished

        with self._changed:
            if self._changed.wait_for(is_decided, timeout):
                self._changed.notify_all()
                if not found:
                    self._end()
        return found[0] if found else None

    def _end(self) -> None:
        if self._error is None:
            raise Ended
        self.told.set()
        # Each `raise` lengthens an error's traceback, so repeated calls raise it as it was first.
        raise self._error.with_traceback(self._trace)

    def finish(self, error: BaseException | None = None, *, forget: bool = False) -> None:
        """Nothing more will be put.

        Args:
            error: what the consumer raises once all is taken.
            forget: whether what is too late is thrown away.
        """
        with self._changed:
            if not self._finished:
                self._finished, self._error = True, error
                self._trace = None if error is None else error.__traceback__
            if forget:
                self._forget()
        self._wake()

    def hurry(self) -> None:
        """From now on the stream does not wait for this consumer."""
        with self._changed:
            self._hurried = True
        self._wake()

    @contextlib.contextmanager
    def waking(self, waker: Callable[[], None]) -> Iterator[None]:
        """Call this whenever there may be something new, from the stream's thread."""
        with self._changed:
            self._wakers.append(waker)
        try:
            yield
        finally:
            with self._changed:
                self._wakers.remove(waker)

    def on_news(self, waker: Callable[[], None]) -> None:
        """Call this from now on whenever there may be something new."""
        with self._changed:
            self._wakers.append(waker)

    def _wait_for_room(self, has_room: Callable[[], bool]) -> None:
        """Wait until the consumer has made room. Called with the lock held."""

        def goes_on() -> bool:
            return has_room() or self._hurried or self._finished

        if not self._complained and not self._changed.wait_for(goes_on, STALLED_SECONDS):
            self._complained = True
            log.warning(
                "%s has waited %g s for a consumer that takes nothing: read or close every reader "
                "(`with stream.events() as events:`). With realtime=True the stream does not wait",
                self.stream,
                STALLED_SECONDS,
            )
        self._changed.wait_for(goes_on)

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()
            wakers = tuple(self._wakers)
        for waker in wakers:
            waker()
