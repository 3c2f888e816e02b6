"""One face as it is followed over time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fer_edge import json_values
from fer_edge.emotion import Emotion
from fer_edge.face import Box, Landmarks, roll_of
from fer_edge.reading import seen_to_json

UNSURE = "unsure"
"""The steady state in which no emotion is likelier than all others together."""


@dataclass(frozen=True, slots=True)
class LiveFace:
    """A face with its track, its steady label, and where it is seen from the camera."""

    track_id: int
    """Counts the tracks of one tracker from 1. A track follows a face and recognises no person:
    somebody who leaves and comes back has a new track."""
    box: Box
    """Smoothed over time, in pixels of the frame's image; while the face is not seen, the last."""
    score: float
    """The detector's confidence when the face was last seen, 0..1."""
    steady: str
    """One of the model's labels, or "unsure"."""
    since: float
    """When `steady` began, in seconds on the reading's clock."""
    last_seen: float
    """When the face was last seen, in seconds on the reading's clock. A face that is well in view
    is looked for fifteen times a second at most. So it was seen up to 0.07 s before `exposed_at`.
    Two or three that are near each other are looked for in every frame."""
    offset: tuple[float, float]
    """From the middle of the picture to the face's centre, right and down: -1..1 are the picture's
    edges. As the camera sees it, also where the picture is mirrored."""
    bearing: tuple[float, float] | None
    """The same in degrees, right and down; None if the tracker was made without `hfov`."""
    # Dicts have no hash, and what is equal has equal fields beside them.
    probabilities: Mapping[str, float] = field(hash=False)
    """Of each label, smoothed over time; they add up to 1."""
    raw: Mapping[str, float] = field(hash=False)
    """The probabilities as last read, not smoothed."""
    landmarks: Landmarks = ()
    """Smoothed like the box, where the detector gives them."""

    @property
    def emotion(self) -> Emotion:
        """The likeliest emotion by `probabilities`. It may be another than `steady`."""
        label = max(self.probabilities, key=self.probabilities.__getitem__)
        return Emotion(label, self.probabilities[label], self.probabilities)

    @property
    def roll(self) -> float:
        """Degrees by which the head leans clockwise in the picture, -180..180; 0 without eyes."""
        return roll_of(self.landmarks)

    def to_json(self) -> dict[str, Any]:
        """The face as `LiveReading.to_json` holds it; these fields are stable.

        `id` is the track, `box` [x, y, width, height] in whole pixels, `score` 0..1. Then come
        `emotion`, `probability`, `sure`, `probabilities` (smoothed) and `steady`. `since` and
        `seen` (when it was last seen) are seconds on the reading's clock. `offset`, `bearing`,
        `landmarks` and `roll` are last.
        """
        return {
            "id": self.track_id,
            **seen_to_json(self.box, self.score, self.emotion),
            "steady": json_values.text(self.steady),
            "since": json_values.number(self.since, 6),
            "seen": json_values.number(self.last_seen, 6),
            "offset": [json_values.number(value, 4) for value in self.offset],
            "bearing": self.bearing and [json_values.number(value, 2) for value in self.bearing],
            "landmarks": [
                [json_values.number(x, 1), json_values.number(y, 1)] for x, y in self.landmarks
            ],
            "roll": json_values.number(self.roll, 1),
        }
