"""Joins threads to an asyncio event loop; imported only where a loop runs."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Alarm:
    """Wakes a task of the running event loop from any thread."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake the task; from any thread."""
        # A closed loop has no task to wake.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._rung.set)

    async def wait(self) -> None:
        """Wait until it rang since the last time."""
        await self._rung.wait()
        self._rung.clear()


async def give_way() -> None:
    """Let other tasks run."""
    await asyncio.sleep(0)


async def in_thread(function: Callable[[], T]) -> T:
    """What a blocking function returns or raises; it runs in a thread that ends with it.

    If the task is cancelled, the function still runs to its end.
    """
    done: list[T] = []
    failed: list[BaseException] = []
    alarm = Alarm()

    def run() -> None:
        try:
            done.append(function())
        except BaseException as error:
            failed.append(error)
        alarm.ring()

    try:
        # Not the loop's own pool: its threads stay.
        threading.Thread(target=run, name="fer_edge asyncio", daemon=True).start()
    except RuntimeError:
        # The system has no thread left. It is done here: what is to be closed would stay open.
        run()
    await alarm.wait()
    if failed:
        raise failed[0]
    return done[0]
