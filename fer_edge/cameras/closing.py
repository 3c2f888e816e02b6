"""A flag that ends a reader: safe to set in a signal handler and in a finalizer."""

from __future__ import annotations

import threading


class Closing:
    """An event that is set once.

    `threading.Event` takes a lock in `set`: a signal handler that interrupts `set` or `wait` and
    calls `set` waits for itself for ever. Here nothing waits in `set`.
    """

    def __init__(self) -> None:
        self._is_set = False
        self._gate = threading.Lock()
        self._gate.acquire()

    def is_set(self) -> bool:
        """Whether `set` was called."""
        return self._is_set

    def set(self) -> None:
        """Wake all that wait, for good; from any thread, handler or finalizer, more than once."""
        self._is_set = True
        self._open()

    def wait(self, timeout: float) -> bool:
        """Wait until `set` is called, or for `timeout` seconds; whether it was called."""
        if not self._is_set and timeout > 0 and self._gate.acquire(timeout=timeout):
            # The next waiting thread is let through as well.
            self._open()
        return self._is_set

    def _open(self) -> None:
        try:
            self._gate.release()
        except RuntimeError:
            """It stands open already."""
