"""A thread for native calls that cannot be interrupted, so that no other thread waits in them."""

from __future__ import annotations

import logging
import queue
import threading
import weakref
from collections.abc import Callable
from typing import Any

from fer_edge.started import start

log = logging.getLogger(__name__)

LONGEST_JOIN_SECONDS = 0.3
"""Seconds that `end` waits for the thread; it may outlive that by the call's own limit."""
_ended: weakref.WeakSet[threading.Thread] = weakref.WeakSet()


class Call:
    """A requested call and its result."""

    def __init__(self, function: Callable[[], Any]) -> None:
        self._function = function
        self._gate = threading.Lock()
        self._gate.acquire()
        self._result: Any = None
        self._error: BaseException | None = None
        self.is_done = False
        """Whether it returned or raised."""

    def run(self) -> None:
        """Call it. Only the thread does this, once."""
        try:
            self._result = self._function()
        except BaseException as error:
            self._error = error
        self.is_done = True
        self._gate.release()

    def wait(self, seconds: float) -> bool:
        """Wait for it to be done, at most this long; whether it is."""
        if not self.is_done and seconds > 0 and self._gate.acquire(timeout=seconds):
            self._gate.release()
        return self.is_done

    def result(self) -> Any:
        """What it returned; raises what it raised."""
        if self._error is not None:
            raise self._error
        return self._result


class NativeThread:
    """Runs calls one after the other, in a daemon thread of its own."""

    def __init__(self, name: str) -> None:
        """Args:
            name: of what the thread does, for logs.

        Raises:
            CameraError: the system has no thread left.
        """
        self._name = name
        self._calls: queue.SimpleQueue[Call | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=f"fer_edge {name}", daemon=True)
        start(self._thread, name)

    def _run(self) -> None:
        while (call := self._calls.get()) is not None:
            call.run()
            # While it waits for the next call, it holds no reference to the last call's camera.
            del call

    def call(self, function: Callable[[], Any]) -> Call:
        """Ask for a call; it begins when those before it are done."""
        call = Call(function)
        self._calls.put(call)
        return call

    def end(self, last: Callable[[], Any]) -> None:
        """Let the thread end after the call that it is in and `last`; wait LONGEST_JOIN_SECONDS."""
        self.call(last)
        self._calls.put(None)
        self._thread.join(LONGEST_JOIN_SECONDS)
        if self._thread.is_alive():
            _ended.add(self._thread)
            log.warning(
                "%s is closed, but its driver has not returned yet; one thread waits for it "
                "(%d in all)",
                self._name,
                outliving(),
            )


def outliving() -> int:
    """Threads that still wait for a driver, of cameras that are closed."""
    return sum(thread.is_alive() for thread in _ended)
