"""Detectors of a user's own, that give what they are told to."""

from __future__ import annotations

from typing import Any

from fer_edge import (
    Box,
)
from fer_edge.pictures.image import Image

SQUARE = Box(100.0, 60.0, 80.0, 80.0)


class Mine:
    """A detector of a user's that gives what it is told to, and keeps what it was shown."""

    def __init__(self, found: Any) -> None:
        self.found = found
        self.shown: list[Image] = []

    def detect(self, image: Image) -> Any:
        self.shown.append(image)
        return self.found


class MineOfGrey(Mine):
    colour = "grey"
