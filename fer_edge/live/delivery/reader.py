"""How a consumer takes readings or events: with `for`, or with `async for`."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from fer_edge.errors import StreamEndedError
from fer_edge.live.delivery.outlet import Ended, Outlet
from fer_edge.number import checked_seconds
from fer_edge.process import Process

T = TypeVar("T")

FORKED_MESSAGE = (
    "the stream runs in the process that started it and not in this one, which was forked from it: "
    "make a new one here"
)


class Reader(Generic[T]):
    """A normal and an asynchronous iterator over one outlet. For one thread or task at a time.

    A lossless stream waits for every open reader: close the readers that you leave. A reader that
    is garbage-collected closes itself.
    """

    def __init__(
        self, outlet: Outlet[T], begin: Callable[[], None], remove: Callable[[], None]
    ) -> None:
        """Args:
        outlet: what is read.
        begin: starts the stream if it has not started; may block, and raise.
        remove: takes the outlet from the stream.
        """
        self._outlet, self._begin, self._remove = outlet, begin, remove
        self._process = Process()
        self._begun = False
        self.ended = False
        """Whether the stream has ended, and all was taken."""

    def __iter__(self) -> Reader[T]:
        return self

    def __next__(self) -> T:
        """The next one; waits for it.

        Raises:
            StopIteration: the stream has ended, and all was taken.
            Exception: what the stream ended with.
        """
        item = self.get()
        if item is None:
            raise StopIteration
        return item

    def get(self, timeout: float | None = None) -> T | None:
        """The next one.

        Args:
            timeout: seconds to wait at most, 0 not to wait; None: as long as it takes. The first
                call starts a stream that has not begun, and waits until its source is open.

        Returns:
            None if there is none in that time, or if `ended`.

        Raises:
            ArgumentError: `timeout` is no number of 0 or more.
            Exception: what the stream ended with.
        """
        if timeout is not None:
            timeout = min(checked_seconds("timeout", timeout), threading.TIMEOUT_MAX)
        self._start()
        with contextlib.suppress(Ended):
            return self._take(timeout)
        return None

    def _take(self, timeout: float | None) -> T | None:
        try:
            return self._outlet.take(timeout)
        except Exception:
            # `Ended`, or what the stream ended with.
            self.ended = True
            raise

    def _start(self) -> None:
        self._process.check(StreamEndedError, FORKED_MESSAGE)
        if not self._begun:
            self._begin()
            self._begun = True

    def __aiter__(self) -> Reader[T]:
        return self

    async def __anext__(self) -> T:
        """The next one; the event loop goes on meanwhile.

        Raises:
            StopAsyncIteration: the stream has ended, and all was taken.
            Exception: what the stream ended with.
        """
        # Importing asyncio takes longer than the rest of fer_edge's own files together.
        from fer_edge.live.delivery.event_loop import Alarm, give_way, in_thread

        self._process.check(StreamEndedError, FORKED_MESSAGE)
        if not self._begun:
            await in_thread(self._start)
        # Otherwise results that wait already would be taken without letting other tasks run.
        await give_way()
        alarm = Alarm()
        with self._outlet.waking(alarm.ring):
            while True:
                try:
                    item = self._take(0)
                except Ended:
                    raise StopAsyncIteration from None
                if item is not None:
                    return item
                await alarm.wait()

    def close(self) -> None:
        """Read no more; the stream goes on, or need not begin."""
        self._begun = True
        # In a forked child a lock may be held by a thread that is not there.
        if self._process.is_this:
            self._remove()

    def __enter__(self) -> Reader[T]:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        # At the end of the program, Python may have removed what this needs.
        with contextlib.suppress(Exception):
            self.close()
