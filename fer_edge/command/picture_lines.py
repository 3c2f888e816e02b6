"""The reading of a single picture as lines for people."""

from __future__ import annotations

from fer_edge.emotion import Emotion
from fer_edge.printable import printable
from fer_edge.reading import Reading

LEAST_TOLD_PROBABILITY = 0.05
"""Emotions that are less likely are left out, but for the likeliest."""


def picture_lines(name: str, reading: Reading) -> list[str]:
    """A line for each face: the picture, where the face is, and its likeliest emotions. The first
    has a question mark if it is unsure.

    Args:
        name: of the picture.
        reading: of it.
    """
    if not reading.faces:
        return [f"{printable(name)}: no face"]
    return [
        f"{printable(name)}: face of {face.box.width:.0f} px at {face.box.x:.0f},{face.box.y:.0f}: "
        + _told(face.emotion)
        for face in reading.faces
    ]


def _told(emotion: Emotion) -> str:
    (label, share), *others = sorted(emotion.probabilities.items(), key=lambda item: -item[1])
    told = [f"{label}{'' if emotion.is_sure else '?'} {share:.0%}"]
    told += [f"{label} {share:.0%}" for label, share in others if share >= LEAST_TOLD_PROBABILITY]
    return ", ".join(told)
