"""A stream from its start to its end, shown as it goes on."""

from __future__ import annotations

from typing import Protocol

from fer_edge.live import Event, LiveReading, Reader, Stream

PATIENCE = 0.1
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
    events, readings = stream.events(), iter(stream)
    count = 0
    try:
        while not readings.ended and count != frames:
            reading = readings.get(PATIENCE)
            _show_events(events, show)
            if reading is not None:
                count += 1
                show.reading(reading)
    finally:
        # The faces that are there leave now.
        stream.close()
        _show_events(events, show)
    return count


def _show_events(events: Reader[Event], show: Show) -> None:
    while (event := events.get(0)) is not None:
        show.event(event)
