"""Events and the state of each face as lines for people."""

from __future__ import annotations

from fer_edge.live import Event, LiveFace, LiveReading

LINE_INTERVAL_SECONDS = 1.0
"""Seconds from one look at all faces to the next."""
UNSEEN_SECONDS = 0.1
"""Seconds after which a face is printed as unseen: not every frame is searched."""


class LiveLines:
    """Lines of one stream; times count from its first reading or event."""

    def __init__(self) -> None:
        self._began: float | None = None
        self._looked: float | None = None

    def event(self, event: Event) -> str:
        """One line: when, which face, what happened."""
        return f"{self._moment(event.exposed_at)}  {_told(event)}"

    def faces(self, reading: LiveReading) -> list[str]:
        """A line for each face, every LINE_INTERVAL_SECONDS; none if it is not time yet."""
        moment, at = self._moment(reading.exposed_at), reading.exposed_at
        # Times of some recordings begin anew.
        if self._looked is not None and 0 <= at - self._looked < LINE_INTERVAL_SECONDS:
            return []
        self._looked = at
        age = reading.age
        old = "" if age is None else f", {age * 1e3:.0f} ms old"
        return [f"{moment}  {_state(face, at)}{old}" for face in reading.faces]

    def _moment(self, at: float) -> str:
        if self._began is None:
            self._began = at
        return f"{at - self._began:7.2f} s"


def _told(event: Event) -> str:
    face = f"face {event.track_id}"
    if event.kind == "appear":
        where = "" if event.face is None else f": {_place(event.face)}"
        return f"{face} appears{where}"
    if event.kind == "change":
        return f"{face} is {event.after}{_held(event)}"
    if event.kind == "leave":
        return f"{face} leaves{_held(event)}"
    return f"{event.kind}: {event.reason}"


def _held(event: Event) -> str:
    return "" if event.held is None else f", after {event.held:.1f} s of {event.before}"


def _state(face: LiveFace, at: float) -> str:
    label = f"{face.steady} for {max(0.0, at - face.since):.1f} s"
    unseen = at - face.last_seen
    seen = "" if unseen < UNSEEN_SECONDS else f", unseen for {unseen:.1f} s"
    likeliest = f"{face.emotion.label} {face.emotion.probability:.0%}"
    return f"face {face.track_id}  {_place(face)}  {label} ({likeliest}){seen}"


def _place(face: LiveFace) -> str:
    return f"{face.box.width:.0f} px at {face.box.x:.0f},{face.box.y:.0f}"
