"""What was read in one frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fer_edge.face import Face
from fer_edge.frame import Clock


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

    def to_json(self) -> dict[str, Any]:
        """The reading as `fer-edge --json` prints it; these fields are stable.

        `frame` (its index), `timestamp` (seconds, monotonic clock) and `faces`; in each face
        `box` ([x, y, width, height] in whole pixels), `score` (0..1), `emotion` (the likeliest
        label), `probability` (its own, 0..1), `sure` (`Emotion.is_sure`), `probabilities` (of each
        label).
        """
        return {
            "frame": self.frame,
            "timestamp": round(self.timestamp, 6),
            "faces": [_face_to_json(face) for face in self.faces],
        }


def _face_to_json(face: Face) -> dict[str, Any]:
    box, emotion = face.box, face.emotion
    return {
        "box": [round(box.x), round(box.y), round(box.width), round(box.height)],
        "score": round(face.score, 4),
        "emotion": emotion.label,
        "probability": round(emotion.probability, 4),
        "sure": emotion.is_sure,
        "probabilities": {label: round(value, 4) for label, value in emotion.probabilities.items()},
    }
