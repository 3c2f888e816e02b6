"""Which faces are there, as consumers were told: for one that comes later, and for an early end."""

from __future__ import annotations

from collections.abc import Sequence

from fer_edge.live.delivery.event_queue import merged
from fer_edge.live.results.event import Event, event_of
from fer_edge.live.results.live_face import LiveFace
from fer_edge.live.results.live_reading import LiveReading

ENDED_REASON = "ended"
"""The reason of those who leave because the stream ends."""


class Presence:
    """Remembers what was told of faces that have not left, and of an interruption that lasts."""

    def __init__(self) -> None:
        """Nobody is there."""
        self._told: dict[int | None, list[Event]] = {}
        self._reading: LiveReading | None = None

    def remember(self, reading: LiveReading | None, events: Sequence[Event]) -> None:
        """What is told now."""
        self._reading = reading or self._reading
        for event in events:
            # An interruption has no track: None.
            if event.kind in ("resumed", "leave"):
                self._told.pop(event.track_id, None)
            else:
                known = self._told.get(event.track_id, [])
                self._told[event.track_id] = merged([*known, event])

    def events(self) -> list[Event]:
        """What a later consumer has to know, in its order."""
        told = [event for events in self._told.values() for event in events]
        return sorted(told, key=lambda event: event.sequence)

    def leaves(self) -> list[Event]:
        """A "leave" of each face that is there, as of the last reading.

        It is for a stream that ends while its tracker is busy and cannot tell them.
        """
        reading = self._reading
        newest = {} if reading is None else {face.track_id: face for face in reading.faces}
        return [
            _leave(newest.get(last.face.track_id, last.face), reading or last)
            for *_, last in self._told.values()
            if last.face is not None
        ]


def _leave(face: LiveFace, at: LiveReading | Event) -> Event:
    held = max(face.last_seen - face.since, 0.0)
    return event_of("leave", face, at, before=face.steady, held=held, reason=ENDED_REASON)
