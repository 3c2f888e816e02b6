"""Waits for bytes of a descriptor, until a deadline or until another thread stops it."""

from __future__ import annotations

import math
import os
import select
import threading
import time

from fer_edge.errors import CameraError, CameraTimeoutError

READABLE = select.POLLIN
WRITABLE = select.POLLOUT


class StoppedError(Exception):
    """The camera was closed while it waited; nobody but the camera sees this."""


class Waiting:
    """One thread waits; `stop` wakes it from any thread or signal handler, for good.

    Nothing here takes a lock that a waiting thread holds. So a signal handler may close the camera
    in the middle of a wait, and does not wait for itself.
    """

    def __init__(self) -> None:
        """Raises:
        CameraError: the process has too many files open.
        """
        self.deadline = math.inf
        """Until when to wait, on `time.monotonic()`."""
        self.allowed = math.inf
        """Seconds that the deadline allowed, for the error's text."""
        self.awaited = "its first bytes"
        """What is waited for, for the error's text."""
        try:
            self._woken, self._wake = os.pipe()
        except OSError as error:
            raise CameraError(f"no stream can be waited for: {error.strerror}") from error
        os.set_blocking(self._wake, False)
        self._busy = threading.Lock()
        self._done = self._closed = False

    def allow(self, seconds: float, told: float | None = None) -> None:
        """Set the deadline, from now; `told` is what an error says of it, if not the same."""
        self.deadline = time.monotonic() + seconds
        self.allowed = seconds if told is None else told

    def until(self, descriptor: int, event: int) -> None:
        """Wait until the descriptor can be read (`READABLE`) or written (`WRITABLE`), or has ended.

        Raises:
            StoppedError: `stop` was called.
            CameraTimeoutError: the deadline passed; what is ready by then counts as in time.
        """
        if not self._poll(descriptor, event, self.deadline):
            raise CameraTimeoutError(
                f"waited {self.allowed:g} s for {self.awaited}, which did not come"
            )

    def _poll(self, descriptor: int, event: int, deadline: float) -> bool:
        poll = select.poll()
        poll.register(self._woken, READABLE)
        poll.register(descriptor, event)
        left = max(0.0, deadline - time.monotonic())
        ready = dict(poll.poll(None if math.isinf(left) else math.ceil(left * 1000)))
        if self._woken in ready:
            raise StoppedError
        return descriptor in ready

    def stop(self) -> None:
        """Wake who waits, now and whenever it waits again."""
        if self._busy.acquire(blocking=False):
            try:
                if not self._closed:
                    os.write(self._wake, b"\0")
            except BlockingIOError:
                """It was woken 65,536 times before."""
            finally:
                self._busy.release()
        self._close_if_done()

    def close(self) -> None:
        """Give the descriptors back; nobody may wait any more."""
        self._done = True
        self._close_if_done()

    def _close_if_done(self) -> None:
        # The stopped thread comes here afterwards, so what is busy now is closed then.
        if self._done and self._busy.acquire(blocking=False):
            try:
                if not self._closed:
                    self._closed = True
                    os.close(self._woken)
                    os.close(self._wake)
            finally:
                self._busy.release()
