"""What is known about all faces at one frame."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from fer_edge import json_values
from fer_edge.frame import Clock, Frame
from fer_edge.live.results.live_face import LiveFace
from fer_edge.reading import SCHEMA


@dataclass(frozen=True, slots=True)
class LiveReading:
    """The followed faces at one frame, and how old that is."""

    sequence: int
    """Counts the readings of one tracker from 0, without gaps."""
    frame: Frame
    """The picture that was read."""
    exposed_at: float
    """When the frame was taken: its timestamp, in seconds on `clock`. `frame.moment` says whether
    that is the exposure or the arrival."""
    wall_time: float
    """The same as `time.time()` counts it if the frame's clock is monotonic; else when it was
    read."""
    faces: tuple[LiveFace, ...]
    """All faces that are followed, from the largest to the smallest. Some are not seen in this
    frame but were less than `lost_after` ago."""
    primary: LiveFace | None = None
    """The face that is probably nearest: the largest, until another is clearly larger for a
    while."""
    dropped: int = 0
    """Frames that the source gave since the reading before, and that nobody read."""
    stream: str = ""
    """The name of the stream or the tracker."""

    @property
    def frame_index(self) -> int:
        """The frame's number at its camera."""
        return self.frame.index

    @property
    def clock(self) -> Clock:
        """Whose seconds `exposed_at` counts, as `Frame.clock`."""
        return self.frame.clock

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the frame's image in pixels."""
        height, width = self.frame.image.shape[:2]
        return width, height

    @property
    def age(self) -> float | None:
        """Seconds since `exposed_at`, now; None unless the clock is monotonic."""
        return time.monotonic() - self.exposed_at if self.clock == "monotonic" else None

    def to_json(self) -> dict[str, Any]:
        """The reading as `fer-edge watch --json` prints it; these fields are stable.

        It begins with the fields of `Reading.to_json`. Then come `stream` (its name), `clock`,
        `sequence`, `age`, `dropped`, `primary` (its track, or null) and `faces` as
        `LiveFace.to_json`. `age` is the seconds from the frame's time to this call; null unless the
        clock is monotonic.
        """
        told: dict[str, Any] = {
            "schema": SCHEMA,
            "frame": json_values.whole(self.frame.index),
            "timestamp": json_values.number(self.exposed_at, 6),
            "time": json_values.wall(self.wall_time),
        }
        if self.clock == "recording":
            told["position"] = json_values.number(self.exposed_at, 6)
        return told | {
            "source": json_values.text(self.frame.source),
            "size": list(self.size),
            "stream": json_values.text(self.stream),
            "clock": self.clock,
            "sequence": self.sequence,
            "age": json_values.number(self.age, 4),
            "dropped": self.dropped,
            "primary": None if self.primary is None else self.primary.track_id,
            "faces": [face.to_json() for face in self.faces],
        }
