"""An iterable of the user's as a source, for one stream at a time."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterable, Iterator, Mapping

from fer_edge.errors import ArgumentError
from fer_edge.frame import Frame
from fer_edge.pictures.image import Image

_being_read: set[int] = set()
"""The iterators that streams read now, by `id`: two would share the frames without a word."""
_beginning = threading.Lock()


class GivenFrames:
    """An iterable of the user's. A stream does not close it: its rest may be for another one."""

    def __init__(self, source: Iterable[Frame | Image]) -> None:
        """Raises:
        ArgumentError: it gives no iterator.
        """
        if isinstance(source, io.IOBase | Mapping):
            raise ArgumentError(
                f"a {type(source).__name__} gives no frames: give the file's path, or an iterable "
                "of frames"
            )
        self._name = f"an iterable ({type(source).__name__})"
        try:
            self._frames = iter(source)
        except Exception as error:
            raise ArgumentError(f"{type(source).__name__} cannot be read: {error}") from error

    def __iter__(self) -> Iterator[Frame | Image]:
        """Raises:
        ArgumentError: another stream reads the same iterator now.
        """
        place = id(self._frames)
        with _beginning:
            if place in _being_read:
                raise ArgumentError(
                    f"{self._name} is read by something else at the same time: make a generator "
                    "for each stream"
                )
            _being_read.add(place)
        try:
            # Not `yield from`, which closes a generator with this one.
            for item in self._frames:  # noqa: UP028
                yield item
        finally:
            _being_read.discard(place)
