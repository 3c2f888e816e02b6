"""An iterable of the user's as a source, for one stream at a time."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator, Mapping

from fer_edge.errors import ArgumentError
from fer_edge.frame import Frame
from fer_edge.pictures.image import Image

_being_read: dict[tuple[int, int], object] = {}
"""What reads an iterator now, by process and `id`: two would share the frames without a word."""


def refuse_no_frames(source: object, called: str) -> None:
    """Raises ArgumentError for an asynchronous iterable, an open file, or a mapping.

    Args:
        source: what is to be read.
        called: how the message calls it.
    """
    if hasattr(source, "__aiter__") and not isinstance(source, Iterable):
        raise ArgumentError(
            f"{called} has its frames for `async for` alone, and a stream reads them in a thread: "
            "hand each to a fer_edge.Tracker (await asyncio.to_thread(tracker, frame))"
        )
    if isinstance(source, io.IOBase | Mapping) or hasattr(source, "readline"):
        raise ArgumentError(
            f"{called} holds no frames: give the file's path, or an iterable of frames"
        )


class GivenFrames:
    """An iterable of the user's. A stream does not close it: its rest may be for another one."""

    def __init__(self, source: Iterable[Frame | Image]) -> None:
        """Raises:
        ArgumentError: it gives no iterator.
        """
        self.given = source
        """The iterable itself."""
        self._name = f"an iterable ({type(source).__name__})"
        try:
            self._frames = iter(source)
        except Exception as error:
            raise ArgumentError(f"{type(source).__name__} cannot be read: {error}") from error

    def __iter__(self) -> Iterator[Frame | Image]:
        """Raises:
        ArgumentError: another stream reads the same iterator now.
        """
        # A fork's child reads its own copy.
        place, mine = (os.getpid(), id(self._frames)), object()
        if _being_read.setdefault(place, mine) is not mine:
            raise ArgumentError(
                f"{self._name} is read by something else at the same time: make a generator for "
                "each stream"
            )
        try:
            # Not `yield from`, which closes a generator with this one.
            for item in self._frames:  # noqa: UP028
                yield item
        finally:
            del _being_read[place]
