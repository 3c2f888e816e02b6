"""A recognizer that is timed while others use it."""

from __future__ import annotations

import time
from collections.abc import Iterable

from fer_edge.face import Box, Detection, Face
from fer_edge.frame import Frame
from fer_edge.recognizer import Recognizer


class Timed:
    """Does what the recognizer does, and keeps how long each step took."""

    def __init__(self, recognizer: Recognizer) -> None:
        """Args:
        recognizer: does the work.
        """
        self._recognizer = recognizer
        self.classifier = recognizer.classifier
        self.whole: list[float] = []
        """Seconds of each look at a whole picture."""
        self.window: list[float] = []
        """Seconds of each look around a known face."""
        self.reading: list[float] = []
        """Seconds of reading one face, for each call."""

    def detect(self, frame: Frame, within: Box | None = None) -> tuple[Detection, ...]:
        """As `Recognizer.detect`."""
        began = time.perf_counter()
        found = self._recognizer.detect(frame, within)
        (self.whole if within is None else self.window).append(time.perf_counter() - began)
        return found

    def read(self, frame: Frame, detections: Iterable[Detection]) -> tuple[Face, ...]:
        """As `Recognizer.read`."""
        began = time.perf_counter()
        faces = self._recognizer.read(frame, detections)
        if faces:
            self.reading.append((time.perf_counter() - began) / len(faces))
        return faces
