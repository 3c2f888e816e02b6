"""How a stream begins, pauses and ends: with `with`, `async with`, `run` or by hand."""

from __future__ import annotations

import functools
import logging
import threading
import weakref
from typing import Any, TypeVar

from fer_edge.errors import ArgumentError, StreamEndedError
from fer_edge.live.loop import Loop
from fer_edge.live.results.figures import Stats
from fer_edge.live.signals import exiting_on_sigterm
from fer_edge.live.tracking.budget import Work

log = logging.getLogger(__name__)

LONGEST_EXIT_WAIT_SECONDS = 5.0
"""Seconds that the end of the program waits for a frame that is being read."""

CLOSED_MESSAGE = "a stream that was closed cannot start; make a new one"
POLL_SECONDS = 0.05
"""Seconds between two checks whether the stream was closed."""

S = TypeVar("S", bound="Lifecycle")


class Lifecycle:
    """Starts and ends one loop. Every method may be called from any thread."""

    def __init__(self, loop: Loop, name: str) -> None:
        """Args:
        loop: has not started yet.
        name: for people.
        """
        self.name = name
        """As given."""
        self._loop = loop
        self._starting = threading.Lock()
        self._started = False
        self._closed = False
        # Also at the end of the program: a thread that is inside OpenCV or TFLite then would crash
        # it. So this waits longer than a caller does, for slow machines.
        weakref.finalize(self, loop.close, LONGEST_EXIT_WAIT_SECONDS)

    def start(self) -> None:
        """Open the source and begin to read; without effect if it has begun.

        Raises:
            CameraError: there is no such source, or it cannot be opened. Every later call raises
                the same error: make a new stream.
            BackendMissingError: a package that it needs is not installed; likewise.
            StreamEndedError: it was closed before: make a new one.
        """
        if self._started and self._closed:
            raise StreamEndedError(CLOSED_MESSAGE)
        self._start()

    def _start(self) -> None:
        """As `start`; of what has begun the rest can be read, also if it was closed since."""
        self._loop.check_process()
        with self._starting:
            if self._started:
                return
            if self._closed:
                # Who comes after an opening that failed is told why.
                self._loop.raise_error()
                raise StreamEndedError(CLOSED_MESSAGE)
            try:
                self._loop.start()
            except BaseException:
                self.close()
                raise
            self._started = True

    def close(self) -> None:
        """End; returns within a second, whatever the camera does, and again without effect.

        Faces that are there leave; events that wait can still be taken.
        """
        self._closed = True
        self._loop.close()

    def run(self) -> None:
        """Start, and wait until the source has ended or somebody calls `close`; it is then closed.

        Ctrl-C ends it as the end of the source does. SIGTERM closes it and ends the program with
        exit code 143, unless the program handles SIGTERM itself. `run` waits for the handlers,
        after `close` for a second at most.

        Raises:
            StreamEndedError: it was closed before.
            ArgumentError: a function that the stream calls calls it.
            Exception: what the stream ended with.
        """
        if self._loop.is_inside():
            raise ArgumentError("run waits for the functions that the stream calls, and is in one")
        try:
            self._loop.is_run = True
            with exiting_on_sigterm():
                self.start()
                self._loop.hub.want()
                self._loop.done.wait(threading.TIMEOUT_MAX)
                # As long as they take, until somebody closes: `close` waits for them, but not long.
                while not self._loop.handlers.join(POLL_SECONDS) and not self._closed:
                    pass
        except KeyboardInterrupt:
            log.info("%s: ended by Ctrl-C", self.name or "the stream")
        finally:
            self.close()
        self._raise_untold()

    def _raise_untold(self) -> None:
        """Raise the error that the stream ended with, if no consumer has raised it."""
        if not self._loop.hub.told.is_set():
            self._loop.raise_error()

    def pause(self) -> None:
        """Read no frames until `resume`. The source stays open, and consumers get "interrupted";
        faces keep their tracks for 5 s."""
        self._loop.check_process()
        self._loop.pause()

    def resume(self) -> None:
        """Go on after `pause`."""
        self._loop.check_process()
        self._loop.resume()

    @property
    def source(self) -> str:
        """What is read, for people: the camera's name once it is open."""
        return self._loop.source

    @property
    def ended(self) -> bool:
        """Whether it has ended or was closed: no reading and no event will come any more.

        True also in a process that was forked from the one that started it, since it runs there.
        """
        return self._loop.is_elsewhere or self._loop.done.is_set()

    @property
    def error(self) -> BaseException | None:
        """What it ended with, if not as it should. Looking at it does not count as being told."""
        try:
            self._loop.check_process()
        except StreamEndedError as error:
            return error
        return self._loop.error

    @property
    def work(self) -> Work:
        """How often faces are looked for and read now, as `budget` chose it, and what share of a
        core that takes."""
        return self._loop.work

    def stats(self) -> Stats:
        """Frames a second, ages, and what was left out, as of now."""
        self._loop.check_process()
        return self._loop.intake.stats()

    def __enter__(self: S) -> S:
        self.start()
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        self.close()
        if error is None:
            self._raise_untold()

    async def __aenter__(self: S) -> S:
        from fer_edge.live.delivery.event_loop import in_thread

        try:
            await in_thread(self.__enter__)
        except BaseException:
            # Also if the task was cancelled while the camera was being opened.
            await in_thread(self.close)
            raise
        return self

    async def __aexit__(self, *raised: Any) -> None:
        from fer_edge.live.delivery.event_loop import in_thread

        await in_thread(functools.partial(self.__exit__, *raised))
