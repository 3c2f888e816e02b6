"""Functions that are called for events: one thread calls all of a stream's."""

from __future__ import annotations

import inspect
import logging
import queue
import threading
from collections.abc import Callable
from typing import Any

from fer_edge.live.delivery.event_queue import EventQueue
from fer_edge.live.results.event import Event
from fer_edge.printable import brief
from fer_edge.started import start

log = logging.getLogger(__name__)

Handler = Callable[[Event], Any]
"""A function of yours; what it gives is not used."""


class Handlers:
    """Calls each handler for the events of its own queue, one call at a time."""

    def __init__(self, name: str) -> None:
        """Args:
        name: of the thread.
        """
        self._name = name
        self._lock = threading.Lock()
        self._handlers: list[tuple[EventQueue, Handler]] = []
        # Unlike an Event it may be set in a signal handler or a finalizer.
        self._news: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._told = False
        self._thread: threading.Thread | None = None
        self._started = False

    def add(self, events: EventQueue, handler: Handler) -> None:
        """Call this function for what comes into this queue; from any thread."""
        events.on_news(self._tell)
        with self._lock:
            self._handlers.append((events, handler))
        self._tell()
        if self._started:
            self.start()

    def _tell(self) -> None:
        if not self._told:
            self._told = True
            self._news.put(None)

    def start(self) -> None:
        """Begin to call; no thread is made before there is a handler.

        Raises:
            CameraError: the system has no thread left.
        """
        with self._lock:
            self._started = True
            if self._thread is None and self._handlers:
                thread = threading.Thread(
                    target=self._run, name=f"handlers {self._name}", daemon=True
                )
                # Stored only once it runs: a thread that has not started cannot be joined.
                start(thread, self._name)
                self._thread = thread

    def is_calling(self) -> bool:
        """Whether it is a handler that asks."""
        return self._thread is threading.current_thread()

    def join(self, timeout: float | None = None) -> bool:
        """Wait until all queues are finished and empty.

        Returns:
            Whether they are; a handler that calls this has to end first.
        """
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(None if timeout is None else max(0.0, timeout))
        return thread is None or not thread.is_alive()

    def _run(self) -> None:
        while True:
            self._news.get()
            self._told = False
            while self._call_each():
                pass
            with self._lock:
                if not self._handlers:
                    # The next handler, if there is one, gets a new thread.
                    self._thread = None
                    return

    def _call_each(self) -> bool:
        """Call every handler that has an event, for one event each."""
        with self._lock:
            handlers = tuple(self._handlers)
        called = False
        for events, handler in handlers:
            try:
                event = events.take(0)
            except BaseException:
                # It has ended. If that was an error, the stream has logged it, and raises it for
                # its owner.
                with self._lock:
                    self._handlers.remove((events, handler))
                continue
            if event is not None:
                called = True
                self._call(handler, event)
        return called

    def _call(self, handler: Handler, event: Event) -> None:
        try:
            given = handler(event)
        except BaseException:
            # SystemExit, too, would end this thread and nothing else.
            log.exception("%s failed for %s; the stream goes on", name_of(handler), event.kind)
            return
        if inspect.iscoroutine(given) or inspect.isgenerator(given):
            given.close()
            log.error(
                "%s did nothing for %s: it gave a %s, which nobody runs; use `async for` in an "
                "asyncio program, and no `yield` here",
                name_of(handler),
                event.kind,
                type(given).__name__,
            )


def name_of(handler: Handler) -> str:
    """What a function is called in logs and errors."""
    return str(getattr(handler, "__qualname__", None) or brief(handler))
