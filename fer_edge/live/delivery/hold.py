"""When a face has kept one steady label for a while: what `Stream.when` waits for."""

from __future__ import annotations

from fer_edge.errors import ArgumentError
from fer_edge.live.results.event import Event
from fer_edge.live.results.live_face import LiveFace
from fer_edge.live.results.live_reading import LiveReading
from fer_edge.number import checked_seconds


class Hold:
    """Gives one event each time that a face keeps the label, or one for each track."""

    def __init__(self, label: str, hold_time: float = 0.0, once_per_track: bool = False) -> None:
        """Args:
            label: one of the model's, or "unsure".
            hold_time: seconds for which the face must be seen with it; 0 or more.
            once_per_track: whether a track gives one event at most.

        Raises:
            ArgumentError: an argument has the wrong type or is out of its range.
        """
        if not isinstance(once_per_track, bool):
            raise ArgumentError(f"once_per_track must be True or False, got {once_per_track!r}")
        self._label, self._once = label, once_per_track
        self._hold_time = checked_seconds("hold_time", hold_time)
        self._told: set[int] = set()

    def __call__(self, reading: LiveReading) -> tuple[Event, ...]:
        """The events of kind "held" that this reading gives; readings come in their order."""
        # By the tracks, not by `since`: that jumps where the frames' clock is set anew.
        kept = {face.track_id for face in reading.faces if self._once or self._is_shown(face)}
        self._told &= kept
        found = [face for face in reading.faces if self._holds(face)]
        new = tuple(_event(face, reading) for face in found if face.track_id not in self._told)
        self._told |= {face.track_id for face in found}
        return new

    def _is_shown(self, face: LiveFace) -> bool:
        return face.steady == self._label

    def _holds(self, face: LiveFace) -> bool:
        # Unseen time does not count: a face that turned away keeps its label until it is lost.
        return self._is_shown(face) and face.last_seen - face.since >= self._hold_time


def _event(face: LiveFace, reading: LiveReading) -> Event:
    return Event(
        kind="held",
        sequence=0,
        exposed_at=reading.exposed_at,
        wall_time=reading.wall_time,
        clock=reading.clock,
        track_id=face.track_id,
        after=face.steady,
        held=face.last_seen - face.since,
        face=face,
        stream=reading.stream,
    )
