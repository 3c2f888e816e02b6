"""What happened: a face came, changed or went, or the stream was interrupted."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Literal

from fer_edge import json_values
from fer_edge.frame import Clock
from fer_edge.live.results.live_face import LiveFace
from fer_edge.live.results.live_reading import LiveReading
from fer_edge.reading import SCHEMA

EventKind = Literal["appear", "change", "leave", "interrupted", "resumed", "held"]
"""What happened: to a face, or to the source ("interrupted", "resumed")."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, once."""

    kind: EventKind
    """"appear": a face was seen twice. "change": its steady label is another one. "leave": it was
    not seen for `lost_after`, or the stream ended. "interrupted", "resumed": frames stopped
    coming, and come again. "held", for `Stream.when` alone: a face has kept `after` for `held`."""
    sequence: int
    """Counts the events of one tracker from 0, without gaps."""
    exposed_at: float
    """When the frame that showed it was taken, in seconds on `clock`; for "interrupted" and
    "resumed", when that happened."""
    wall_time: float
    """The same as `time.time()` counts it if the clock is monotonic; else when the event was
    made."""
    clock: Clock = "monotonic"
    """Whose seconds `exposed_at` counts, as `Frame.clock`."""
    track_id: int | None = None
    """The face's track; None for "interrupted" and "resumed"."""
    before: str | None = None
    """"change": the steady label before. "leave": the last one."""
    after: str | None = None
    """"change": the steady label now. "appear": the first one, "unsure". "held": the one that was
    kept."""
    held: float | None = None
    """Seconds. "change": how long `before` held. "leave": the same, until the face was last seen.
    "held": how long the face was seen with `after`."""
    face: LiveFace | None = None
    """The face as it was then; None for "interrupted" and "resumed"."""
    reason: str = ""
    """Why the stream was interrupted or goes on, or why a face left: "lost", or "ended"."""
    stream: str = ""
    """The name of the stream or the tracker."""

    def __str__(self) -> str:
        """In one line, for people: what changed, without the face's numbers."""
        who = "" if self.track_id is None else f"face {self.track_id} "
        labels = " to ".join(label for label in (self.before, self.after) if label)
        held = "" if self.held is None else f"{self.held:.2f} s"
        told = ", ".join(part for part in (labels, held, self.reason) if part)
        return " ".join(f"{who}{self.kind} {f'({told})' if told else ''}".split())

    @property
    def age(self) -> float | None:
        """Seconds since `exposed_at`, now; None unless the clock is monotonic."""
        return time.monotonic() - self.exposed_at if self.clock == "monotonic" else None

    def to_json(self) -> dict[str, Any]:
        """The event as `fer-edge watch --events` prints it; these fields are stable.

        First come `schema` (2), `event` (the kind), `sequence`, `stream` and `id` (the track, or
        null). Then come `timestamp` (seconds on `clock`), `clock`, `time` (wall clock, ISO 8601)
        and `age`. Last are `before`, `after`, `held`, `reason` and `face` (as `LiveFace.to_json`,
        or null).
        """
        return {
            "schema": SCHEMA,
            "event": self.kind,
            "sequence": self.sequence,
            "stream": json_values.text(self.stream),
            "id": self.track_id,
            "timestamp": json_values.number(self.exposed_at, 6),
            "clock": self.clock,
            "time": json_values.wall(self.wall_time),
            "age": json_values.number(self.age, 4),
            "before": self.before and json_values.text(self.before),
            "after": self.after and json_values.text(self.after),
            "held": json_values.number(self.held, 4),
            "reason": json_values.text(self.reason),
            "face": None if self.face is None else self.face.to_json(),
        }


def event_of(kind: EventKind, face: LiveFace, at: LiveReading | Event, **details: Any) -> Event:
    """An event of a face; who takes it numbers it.

    Args:
        kind: of the event.
        face: as it is then.
        at: what has the time, its clock and the stream's name.
        details: the other fields.
    """
    return Event(
        kind,
        0,
        at.exposed_at,
        at.wall_time,
        at.clock,
        face.track_id,
        face=face,
        stream=at.stream,
        **details,
    )
