"""What a tracker needs of a recognizer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from fer_edge.detectors.checked import checked_detections
from fer_edge.errors import ArgumentError, DetectionError
from fer_edge.face import Box, Detection, Face
from fer_edge.frame import Frame
from fer_edge.live.results.live_face import UNSURE
from fer_edge.printable import brief
from fer_edge.recognizer import Recognizer


class Recognizing(Protocol):
    """`fer_edge.Recognizer`, or what does the same."""

    def detect(self, frame: Frame, within: Box | None = None) -> Sequence[Detection]:
        """The faces of a frame, or of a window of it; boxes are in the frame's pixels."""

    def read(self, frame: Frame, detections: Sequence[Detection]) -> Sequence[Face]:
        """The emotions of these faces, in their order."""


def check_recognizer(recognizer: object) -> None:
    """Raises ArgumentError if it cannot find and read faces."""
    if isinstance(recognizer, type):
        raise ArgumentError(
            f"recognizer must be a recognizer, got the class {recognizer.__name__}: "
            f"give {recognizer.__name__}()"
        )
    if isinstance(recognizer, str):
        raise ArgumentError(f"recognizer must be a recognizer: give Recognizer({recognizer!r})")
    for name in ("detect", "read"):
        if not callable(getattr(recognizer, name, None)):
            raise ArgumentError(
                f"recognizer must have the methods detect and read, as Recognizer has; "
                f"{type(recognizer).__name__} has no {name}"
            )


def detected(
    recognizer: Recognizing, frame: Frame, within: Box | None = None
) -> tuple[Detection, ...]:
    """What it finds.

    Raises:
        DetectionError: a recognizer of the user's gave what are no detections.
    """
    # `within` is passed only if it is set: a user's recognizer may not support windows.
    found = recognizer.detect(frame) if within is None else recognizer.detect(frame, within=within)
    # A subclass may have a `detect` of its own.
    if getattr(recognizer.detect, "__func__", None) is Recognizer.detect:
        return tuple(found)
    return tuple(checked_detections(found, f"the recognizer {type(recognizer).__name__} must give"))


def faces_read(
    recognizer: Recognizing, frame: Frame, detections: Sequence[Detection]
) -> Sequence[Face]:
    """What it reads, a face for each detection.

    Raises:
        DetectionError: a recognizer of the user's gave something else.
    """
    faces = recognizer.read(frame, detections)
    good = isinstance(faces, Sequence) and len(faces) == len(detections)
    if not good or not all(_is_read(face) for face in faces):
        raise DetectionError(
            f"the recognizer {type(recognizer).__name__} must give a sequence of Face objects with "
            f"probabilities, one for each of {len(detections)} detections, got {brief(faces)}"
        )
    if any(face.emotion.label == UNSURE for face in faces):
        raise DetectionError(
            f"the recognizer {type(recognizer).__name__} has an emotion {UNSURE!r}, which is what "
            "a stream says of a face of no steady emotion; give it another name in the model"
        )
    return faces


def _is_read(face: object) -> bool:
    return isinstance(face, Face) and len(face.emotion.probabilities) > 0
