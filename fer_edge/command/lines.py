"""Readings of single pictures as lines of text for people."""

from __future__ import annotations

from fer_edge.emotion import Emotion
from fer_edge.reading import Reading


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
