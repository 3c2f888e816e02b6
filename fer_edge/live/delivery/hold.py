"""When a face has kept one steady label for a while: what `Stream.when` waits for."""

from __future__ import annotations

from typing import NamedTuple

from fer_edge.live.results.event import Event, event_of
from fer_edge.live.results.live_face import LiveFace
from fer_edge.live.results.live_reading import LiveReading
from fer_edge.number import check_flag, checked_seconds

LONGEST_UNSEEN_SECONDS = 0.3
"""Seconds without being seen that still count as seen: detectors miss a face now and then."""


class Kept(NamedTuple):
    """How a face has kept its label, up to a reading."""

    label: str
    """The steady one."""
    span: float
    """Seconds from its beginning until the face was last seen."""
    absent: float
    """Seconds since then."""
    unseen: float
    """Seconds of the span in which the face was not seen."""


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
        check_flag("once_per_track", once_per_track)
        self._label, self._once = label, once_per_track
        self._hold_time = checked_seconds("hold_time", hold_time)
        self._kept: dict[int, Kept] = {}
        self._told: set[int] = set()

    def __call__(self, reading: LiveReading, *, resumed: bool = False) -> tuple[Event, ...]:
        """The events of kind "held" that this reading gives.

        Args:
            reading: the next one.
            resumed: whether frames came again with it after an interruption.
        """
        at, before = reading.exposed_at, self._kept
        self._kept = {
            face.track_id: _kept(face, at, before.get(face.track_id), resumed)
            for face in reading.faces
        }
        # By the tracks, not by `since`: that jumps where the frames' clock is set anew.
        self._told &= {face.track_id for face in reading.faces if self._once or self._shows(face)}
        found = [face for face in reading.faces if self._holds(face)]
        new = tuple(
            event_of("held", face, reading, after=face.steady, held=self._seconds(face))
            for face in found
            if face.track_id not in self._told
        )
        self._told |= {face.track_id for face in found}
        return new

    def _shows(self, face: LiveFace) -> bool:
        return face.steady == self._label

    def _seconds(self, face: LiveFace) -> float:
        """For how long it was seen with its label. Unseen time does not count: a face that turned
        away keeps its label until it is lost."""
        kept = self._kept[face.track_id]
        return kept.span - kept.unseen

    def _holds(self, face: LiveFace) -> bool:
        return self._shows(face) and self._seconds(face) >= self._hold_time


def _kept(face: LiveFace, at: float, before: Kept | None, resumed: bool) -> Kept:
    span = face.last_seen - face.since
    unseen = 0.0
    if before is not None and before.label == face.steady:
        unseen = before.unseen
        if resumed or before.absent > LONGEST_UNSEEN_SECONDS:
            unseen += span - before.span
    return Kept(face.steady, span, at - face.last_seen, unseen)
