"""Which face a robot should look at: the nearest, without switching often."""

from __future__ import annotations

from collections.abc import Sequence

from fer_edge.live.results.live_face import LiveFace

TAKEOVER_SIZE_FACTOR = 1.2
"""A face takes over when it is this many times as large, by the root of its box's area."""
TAKEOVER_SECONDS = 0.3
"""Seconds for which it must be so."""
UNSEEN_SECONDS = 0.5
"""Seconds after which a face that is in view replaces one that is not seen."""


class Primary:
    """Remembers which face is primary."""

    def __init__(self) -> None:
        """Nobody yet."""
        self._track_id = 0
        self._rival = 0
        self._rival_since = 0.0

    def choose(self, faces: Sequence[LiveFace], now: float) -> LiveFace | None:
        """The nearest face: the largest, as people's faces are about as large as each other.

        Args:
            faces: all that are followed.
            now: seconds, on the clock of their `last_seen`.
        """
        seen = [face for face in faces if now - face.last_seen < UNSEEN_SECONDS]
        held = next((face for face in faces if face.track_id == self._track_id), None)
        if not seen:
            # No other face is in view: the primary face stays until its track ends.
            return held
        largest = max(seen, key=_area)
        if held is None or held not in seen:
            return self._take(largest)
        if largest is held or _area(largest) < TAKEOVER_SIZE_FACTOR**2 * _area(held):
            self._rival = 0
            return held
        # The frames' clock may have been set anew meanwhile.
        if largest.track_id != self._rival or now < self._rival_since:
            self._rival, self._rival_since = largest.track_id, now
        return self._take(largest) if now - self._rival_since >= TAKEOVER_SECONDS else held

    def _take(self, face: LiveFace) -> LiveFace:
        self._track_id, self._rival = face.track_id, 0
        return face


def _area(face: LiveFace) -> float:
    return face.box.width * face.box.height
