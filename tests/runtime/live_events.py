"""Events made by hand, for tests of what carries them."""

from __future__ import annotations

from fer_edge.live import Event, EventKind


def event(
    kind: EventKind,
    track: int | None = None,
    before: str | None = None,
    after: str | None = None,
    held: float | None = None,
    sequence: int = 0,
) -> Event:
    """An event at no particular time."""
    return Event(kind, sequence, 0.0, 0.0, track_id=track, before=before, after=after, held=held)
