"""Readings as lines of text for people."""

from __future__ import annotations

from fer_edge.emotion import Emotion
from fer_edge.reading import Reading

PAUSE = 0.5
"""Seconds after which a line is printed though nothing has changed."""


def text_lines(reading: Reading, began: float) -> list[str]:
    """A line for each face: time since `began`, place, emotion (with a question mark if unsure),
    probability, milliseconds.
    """
    moment = f"{reading.timestamp - began:7.2f} s"
    cost = (
        f"found in {reading.detection_seconds * 1e3:.1f} ms, "
        f"read in {reading.classification_seconds * 1e3:.2f} ms"
    )
    if not reading.faces:
        return [f"{moment}  no face  {'':40}{cost}"]
    return [
        f"{moment}  face {number} of {len(reading.faces)}  "
        f"{face.box.width:4.0f} px at {face.box.x:4.0f},{face.box.y:<4.0f}  "
        f"{_told(face.emotion):9} {face.emotion.probability:4.0%}  {cost}"
        for number, face in enumerate(reading.faces, start=1)
    ]


def _told(emotion: Emotion) -> str:
    return emotion.label if emotion.is_sure else f"{emotion.label}?"


class Pace:
    """Which readings are worth a line: another number of faces, another emotion, or a while."""

    def __init__(self) -> None:
        self._shown: tuple[str, ...] | None = None
        self._when = 0.0

    def is_news(self, reading: Reading) -> bool:
        """Whether to print this one; remembers it if so."""
        labels = tuple(face.emotion.label for face in reading.faces)
        if labels == self._shown and reading.timestamp - self._when < PAUSE:
            return False
        self._shown, self._when = labels, reading.timestamp
        return True
