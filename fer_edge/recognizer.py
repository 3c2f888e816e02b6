"""From a frame to what its faces express: detection, framing and classification in one call."""

from __future__ import annotations

import time
from pathlib import Path

from fer_edge.classifier import EmotionClassifier
from fer_edge.detectors import Detector, FaceDetector, open_detector
from fer_edge.detectors.shrink import shrink
from fer_edge.face import Detection, Face
from fer_edge.frame import Frame
from fer_edge.image import Image, checked_image, grey
from fer_edge.reading import Reading


class Recognizer:
    """Finds the faces of a frame and reads their emotions. Not for use by two threads at once."""

    def __init__(
        self,
        model: str | Path = "edge",
        detector: str | Path | Detector = "face",
        *,
        detection_side: int = 320,
        threads: int = 1,
        interpreter: str | None = None,
    ) -> None:
        """Load the model and the detector.

        Args:
            model: the name of a shipped model, or the path of a .tflite made by `convert`.
            detector: "face" for the one that is shipped, the path of another .tflite made by
                `convert` or of YuNet's .onnx, or a detector of your own.
            detection_side: pixels of the longer side of the picture that faces are looked for
                in; a larger one finds smaller faces and takes longer. Emotions are read in the
                full picture.
            threads: how many cores the models may use.
            interpreter: "litert" or "tflite-runtime"; the first that works if None.

        Raises:
            ValueError: `detection_side` or `threads` is less than 1.
            ModelError: the model or the detector's file is missing, damaged or foreign.
            BackendMissingError: a package that was asked for is not installed.
        """
        if detection_side < 1:
            raise ValueError(f"detection_side must be 1 or more, got {detection_side}")
        self.classifier = EmotionClassifier(model, threads, interpreter)
        if isinstance(detector, str | Path):
            detector = open_detector(detector, threads, interpreter)
        self.detector = detector
        is_grey = self.classifier.card.input.colour == "grey"
        self._needs_no_colour = is_grey and isinstance(detector, FaceDetector)
        self.detection_side = detection_side

    def __call__(self, frame: Frame | Image) -> Reading:
        """Read one frame, or a picture as a uint8 array, grey or BGR.

        Raises:
            PictureError: the array is not a picture.
        """
        if not isinstance(frame, Frame):
            frame = Frame.of(frame)
        image = checked_image(frame.image)
        began = time.perf_counter()
        if self._needs_no_colour:
            image = grey(image)
        detections = self._detect(image if frame.luma is None else frame.luma, image)
        detected = time.perf_counter()
        emotions = self.classifier.read(image, detections)
        done = time.perf_counter()
        faces = tuple(
            Face(detection.box, detection.score, emotion, detection.landmarks, detection.square)
            for detection, emotion in zip(detections, emotions, strict=True)
        )
        age = frame.age
        return Reading(
            frame.index,
            frame.timestamp,
            faces,
            detected - began,
            done - detected,
            clock=frame.clock,
            source=frame.source,
            size=(image.shape[1], image.shape[0]),
            wall_time=time.time() - (age or 0.0),
        )

    def _detect(self, picture: Image, image: Image) -> list[Detection]:
        small = shrink(picture, self.detection_side)
        height, width = image.shape[:2]
        across, along = width / small.shape[1], height / small.shape[0]
        found = [detection.scaled(across, along) for detection in self.detector.detect(small)]
        inside = [detection for detection in found if _overlaps(detection, width, height)]
        return sorted(inside, key=lambda d: d.box.width * d.box.height, reverse=True)


def _overlaps(detection: Detection, width: int, height: int) -> bool:
    """Whether a face's square has a pixel in the picture: one at its edge may be framed past it."""
    square = detection.square
    return (
        round(square.x) < width
        and round(square.y) < height
        and round(square.x + square.width) > 0
        and round(square.y + square.height) > 0
    )
