"""A stream from its start to its end, shown as it goes on."""

from __future__ import annotations

from typing import Protocol

from fer_edge.live import Event, LiveReading, Reader, Stream

POLL_SECONDS = 0.1
"""Seconds after which events are looked for though no frame comes: interruptions."""


class Show(Protocol):
    """What is done with what comes."""

    def event(self, event: Event) -> None:
        """Something happened."""

    def reading(self, reading: LiveReading) -> None:
        """A frame was read."""


def play(stream: Stream, show: Show, frames: int | None) -> int:
    """Show a stream until it ends, or for so many frames; it is then closed.

    Returns:
        How many frames were read.

    Raises:
        Exception: what the stream ended with.
    """
    events, readings = _Events(stream.events(), show), iter(stream)
    count = 0
    try:
        while not readings.ended and count != frames:
            reading = readings.get(POLL_SECONDS)
            events.tell(until=reading)
            if reading is not None:
                count += 1
                show.reading(reading)
    finally:
        # The faces that are there leave now.
        stream.close()
        events.tell()
    if events.error is not None:
        raise events.error
    return count


class _Events:
    """Shows events in the order of time: a frame's events just before its reading, and none
    earlier."""

    def __init__(self, events: Reader[Event], show: Show) -> None:
        self._events, self._show = events, show
        self._ahead: Event | None = None
        self.error: Exception | None = None
        """What the stream ended with: a reading that came before it is still to be shown."""

    def tell(self, until: LiveReading | None = None) -> None:
        """Show the events that have come, except those of frames after this reading's."""
        while (event := self._ahead or self._next()) is not None:
            self._ahead = event if until is not None and _is_after(event, until) else None
            if self._ahead is not None:
                return
            self._show.event(event)

    def _next(self) -> Event | None:
        try:
            return self._events.get(0)
        except Exception as error:
            self.error = error
            return None


def _is_after(event: Event, reading: LiveReading) -> bool:
    return event.clock == reading.clock and event.exposed_at > reading.exposed_at
