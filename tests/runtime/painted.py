"""Pictures that say themselves which faces they show, and the recognizer that believes them.

For tests of what is done with faces, where finding and reading them is not what is tested.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fer_edge import Box, Detection, Emotion, Face, Frame
from fer_edge.pictures.image import Image

LABELS = ("neutral", "happy", "sad")
WIDTH, HEIGHT = 160, 120
SIDE = 24
"""Pixels of a face, a square."""


@dataclass(frozen=True)
class Painted:
    """A face in a picture."""

    x: int
    """Left edge, 0..135."""
    y: int
    """Top edge, 2..95."""
    label: str
    """One of LABELS."""


def paint(*faces: Painted) -> Image:
    """A picture whose first row tells its faces."""
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    for number, face in enumerate(faces):
        image[0, number] = (1 + LABELS.index(face.label), face.x, face.y)
    return image


class Believing:
    """Finds the painted faces, all of them or those in a window, and is quite sure of each."""

    def __init__(self) -> None:
        self.frames = 0
        """Looks at whole pictures so far."""

    def detect(self, frame: Frame, within: Box | None = None) -> tuple[Detection, ...]:
        self.frames += within is None
        boxes = [Box(float(x), float(y), SIDE, SIDE) for _, x, y in _told(frame)]
        return tuple(
            Detection(box, box, 0.9) for box in boxes if within is None or box.iou(within) > 0
        )

    def read(self, frame: Frame, detections: Sequence[Detection]) -> tuple[Face, ...]:
        told = {(x, y): LABELS[code - 1] for code, x, y in _told(frame)}
        return tuple(
            Face(d.box, d.score, _emotion(told[round(d.box.x), round(d.box.y)]), (), d.square)
            for d in detections
        )


class Faceless:
    """Finds no face."""

    def detect(self, frame: Frame, within: Box | None = None) -> tuple[Detection, ...]:
        return ()

    def read(self, frame: Frame, detections: Sequence[Detection]) -> tuple[Face, ...]:
        return ()


def _told(frame: Frame) -> list[tuple[int, int, int]]:
    return [(int(b), int(g), int(r)) for b, g, r in frame.image[0] if b]


def _emotion(label: str) -> Emotion:
    probabilities = {each: 0.9 if each == label else 0.05 for each in LABELS}
    return Emotion(label, 0.9, probabilities)
