"""The result of one frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_args

from fer_edge import json_values
from fer_edge.emotion import Emotion
from fer_edge.errors import ArgumentError
from fer_edge.face import Box, Face
from fer_edge.frame import Clock
from fer_edge.number import are_plain_and_finite, finite_number
from fer_edge.printable import brief

SCHEMA = 2
"""The version of the JSON objects. It grows when a field changes, not when one is added."""

NUMBER_FIELDS = ("frame", "timestamp", "detection_seconds", "classification_seconds", "wall_time")
CLOCKS: tuple[str, ...] = get_args(Clock)


@dataclass(frozen=True, slots=True)
class Reading:
    """The faces of one frame with their emotions, and how long it took."""

    frame: int
    """The frame's index."""
    timestamp: float
    """The frame's, in seconds on `clock`."""
    faces: tuple[Face, ...]
    """From the largest to the smallest."""
    detection_seconds: float
    """Spent finding the faces."""
    classification_seconds: float
    """Spent reading the emotions of all of them."""
    clock: Clock = "monotonic"
    """Whose seconds `timestamp` counts, as `Frame.clock`."""
    source: str = ""
    """What the frame came from, as `Frame.source`."""
    size: tuple[int, int] = (0, 0)
    """Width and height of the frame's image in pixels."""
    wall_time: float = 0.0
    """When the frame was taken if its clock is monotonic, else when it was read: seconds since
    1970, as `time.time()` counts them."""

    def __post_init__(self) -> None:
        """Raises:
        ArgumentError: a field has the wrong type, or a number is not finite.
        """
        numbers = (
            self.frame,
            self.timestamp,
            self.detection_seconds,
            self.classification_seconds,
            self.wall_time,
        )
        if not are_plain_and_finite(numbers):
            for name in NUMBER_FIELDS:
                finite_number(name, getattr(self, name))
        if not isinstance(self.faces, tuple) or not all(isinstance(f, Face) for f in self.faces):
            raise ArgumentError(f"faces must be a tuple of Face, got {type(self.faces).__name__}")
        if not isinstance(self.clock, str) or self.clock not in CLOCKS:
            raise ArgumentError(
                f"clock must be one of {', '.join(CLOCKS)}, got {brief(self.clock)}"
            )
        if not isinstance(self.source, str):
            raise ArgumentError(f"source must be text, got {type(self.source).__name__}")
        if not isinstance(self.size, tuple) or len(self.size) != 2:
            raise ArgumentError(f"size must be a width and a height, got {brief(self.size)}")

    def to_json(self) -> dict[str, Any]:
        """The reading as `fer-edge --json` prints it: strict JSON, whatever a detector gave.

        The fields, in this order:
        - `schema`: 2
        - `frame`: its index
        - `timestamp`: seconds on the source's clock
        - `time`: wall clock, ISO 8601 in UTC: when the frame was taken, or, of a recording, when it
          was read
        - `position`: seconds since the beginning; only of recordings
        - `source`
        - `size`: [width, height] in pixels
        - `faces`

        The fields of each face:
        - `box`: [x, y, width, height] in whole pixels
        - `score`: 0..1
        - `emotion`: the likeliest label
        - `probability`: that label's, 0..1
        - `sure`: `Emotion.is_sure`
        - `probabilities`: of each label
        - `landmarks`: a list of [x, y] in pixels, in the order of `face.Landmarks`; empty if the
          detector gives none
        - `roll`: degrees clockwise

        A number that is not finite is null.
        """
        told: dict[str, Any] = {
            "schema": SCHEMA,
            "frame": json_values.whole(self.frame),
            "timestamp": json_values.number(self.timestamp, 6),
            "time": json_values.wall(self.wall_time),
        }
        if self.clock == "recording":
            told["position"] = json_values.number(self.timestamp, 6)
        return told | {
            "source": json_values.text(self.source),
            "size": [json_values.whole(side) for side in self.size],
            "faces": [_face_to_json(face) for face in self.faces],
        }


def _face_to_json(face: Face) -> dict[str, Any]:
    return {
        **seen_to_json(face.box, face.score, face.emotion),
        "landmarks": [[json_values.number(part, 1) for part in point] for point in face.landmarks],
        "roll": json_values.number(face.roll, 1),
    }


def seen_to_json(box: Box, score: float, emotion: Emotion) -> dict[str, Any]:
    """What the JSON of every face has: `box`, `score`, `emotion`, `probability`, `sure` and
    `probabilities`."""
    return {
        "box": [json_values.whole(side) for side in (box.x, box.y, box.width, box.height)],
        "score": json_values.number(score, 4),
        "emotion": json_values.text(emotion.label),
        "probability": json_values.number(emotion.probability, 4),
        "sure": bool(emotion.is_sure),
        "probabilities": {
            json_values.text(label): json_values.number(value, 4)
            for label, value in emotion.probabilities.items()
        },
    }
