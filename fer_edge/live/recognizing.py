"""What a tracker needs of a recognizer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from fer_edge.errors import ArgumentError
from fer_edge.face import Box, Detection, Face
from fer_edge.frame import Frame


class Recognizing(Protocol):
    """`fer_edge.Recognizer`, or what does the same."""

    def detect(self, frame: Frame, within: Box | None = None) -> Sequence[Detection]:
        """The faces of a frame, or of a window of it; boxes are in the frame's pixels."""

    def read(self, frame: Frame, detections: Sequence[Detection]) -> Sequence[Face]:
        """The emotions of these faces, in their order."""


def checked_recognizer(recognizer: object) -> None:
    """Raises ArgumentError if it cannot find and read faces."""
    if isinstance(recognizer, type):
        raise ArgumentError(
            f"recognizer must be a recognizer, got the class {recognizer.__name__}: "
            f"give {recognizer.__name__}()"
        )
    for name in ("detect", "read"):
        if not callable(getattr(recognizer, name, None)):
            raise ArgumentError(
                f"recognizer must have the methods detect and read, as Recognizer has; "
                f"{type(recognizer).__name__} has no {name}"
            )
