"""What is known of one face that has appeared, beside its track."""

from __future__ import annotations

import math
from collections.abc import Mapping

from fer_edge.face import Detection
from fer_edge.live.faces.direction import Direction
from fer_edge.live.faces.outline import Outline
from fer_edge.live.faces.smoothing import Smoothing, SteadyLabel
from fer_edge.live.faces.tracks import Track
from fer_edge.live.results.live_face import LiveFace


class Followed:
    """A face's filtered place, its label, and when it was last read."""

    __slots__ = (
        "_due_since",
        "detection",
        "label",
        "near_at",
        "outline",
        "raw",
        "read_at",
        "track",
    )

    def __init__(self, track: Track, smoothing: Smoothing, at: float) -> None:
        """Args:
        track: of the face, which is seen now.
        smoothing: of its label.
        at: seconds.
        """
        self.track = track
        self.outline = Outline()
        self.detection: Detection = track.detection
        self.label = SteadyLabel(smoothing, at)
        self.raw: Mapping[str, float] = {}
        self.read_at: float | None = None
        self._due_since = -math.inf
        self.near_at: float | None = None
        """When it was last seen in a window of its own."""

    def scale(self, horizontally: float, vertically: float) -> None:
        """The picture was resized by these factors."""
        self.outline, self.near_at = Outline(), None
        self.detection = self.detection.scaled(horizontally, vertically)

    def is_due(self, at: float, every: float, interval: float) -> bool:
        """Whether its emotion is to be read now; if so, the next time is counted from here.

        Args:
            at: the frame's time.
            every: seconds from one reading to the next, in the mean of many.
            interval: seconds from one frame to the next.
        """
        # Due at the frame nearest to the time, not at the first one after it.
        soonest = at - interval / 2
        due = self._due_since + every
        if due > at + interval / 2:
            return False
        self._due_since = max(due, soonest)
        return True

    def inside(self, width: int, height: int) -> Detection:
        """Where to read the emotion: the filtered place, or the detection itself where a face at
        the edge has been filtered out of the picture.
        """
        box = self.detection.square
        reaches = box.x + box.width >= 1 and box.y + box.height >= 1
        return (
            self.detection
            if reaches and box.x <= width - 1 and box.y <= height - 1
            else self.track.detection
        )

    def face(self, direction: Direction, size: tuple[int, int], earlier: float) -> LiveFace:
        """As a reading shows it.

        Args:
            direction: of the camera.
            size: width and height of the picture.
            earlier: by how many seconds the frames' clock is behind the tracker's.
        """
        offset = direction.offset(self.detection.box, *size)
        return LiveFace(
            self.track.track_id,
            self.detection.box,
            self.detection.score,
            self.label.state,
            self.label.since - earlier,
            self.track.last_seen - earlier,
            offset,
            direction.bearing(offset, *size),
            self.label.probabilities,
            self.raw,
            self.detection.landmarks,
        )
