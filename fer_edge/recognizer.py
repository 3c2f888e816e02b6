"""From a frame to what its faces express: detection, framing and classification in one call."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np

from fer_edge.classifier import EmotionClassifier
from fer_edge.detectors import Detector, open_detector
from fer_edge.detectors.checked import checked_detections
from fer_edge.detectors.detector import colour_of
from fer_edge.detectors.shrink import shrink
from fer_edge.detectors.window import Window
from fer_edge.face import Box, Detection, Face
from fer_edge.frame import Frame
from fer_edge.number import check_flag, whole_number
from fer_edge.pictures.image import Image, grey
from fer_edge.priors import Priors
from fer_edge.reading import Reading

LARGEST_SIDE = 4096
"""Pixels of the detection picture's longer side, for detectors that name no other."""


class Recognizer:
    """Finds the faces of a frame and reads their emotions.

    Threads may share one: each gets right answers, one after the other. A recognizer for each
    thread is faster, where there are cores for them.
    """

    def __init__(
        self,
        model: str | Path = "edge",
        detector: str | Path | Detector = "face-detector",
        *,
        detection_side: int = 320,
        threads: int = 1,
        interpreter: str | None = None,
        trust_unknown: bool = False,
        priors: Priors | None = None,
    ) -> None:
        """Load the model and the detector.

        Args:
            model: the name of a shipped model, or the path of a .tflite made by `convert`.
            detector: the shipped one's name, the path of another .tflite made by
                `convert` or of YuNet's .onnx, or a detector of your own.
            detection_side: pixels of the longer side of the picture that faces are looked for
                in, at most the detector's `largest_side` (usually 1280); a larger one finds
                smaller faces and takes longer, near faces are found at any. Emotions are read in
                the full picture.
            threads: how many cores the models may use, 1 to 64.
            interpreter: "litert" or "tflite-runtime"; the first that works if None.
            trust_unknown: take an .onnx that is no known release of YuNet; see `YuNetDetector`.
            priors: how common the emotions are in your scene: "as-trained", "even", a number from
                0 to 1 between them, or a mapping from each emotion to its share; the model's own
                if None. Probabilities are corrected for it (`fer_edge.priors`).

        Raises:
            ArgumentError: `detection_side` or `threads` is no whole number or out of range, the
                detector is none, or the priors are none for this model.
            ModelError: the model or the detector's file is missing, damaged or foreign.
            BackendMissingError: a package that was asked for is not installed.
        """
        whole_number("detection_side", detection_side, 1, LARGEST_SIDE)
        check_flag("trust_unknown", trust_unknown)
        self.classifier = EmotionClassifier(model, threads, interpreter, priors=priors)
        if isinstance(detector, str | Path):
            detector = open_detector(detector, threads, interpreter, trust_unknown=trust_unknown)
        self.detector = detector
        self._wants_grey = colour_of(detector) == "grey"
        self._reads_grey = self._wants_grey and self.classifier.card.input.colour == "grey"
        largest = getattr(detector, "largest_side", LARGEST_SIDE)
        largest = whole_number("the detector's largest_side", largest, 1, LARGEST_SIDE)
        self.detection_side = whole_number("detection_side", detection_side, 1, largest)
        # A detector of the user's need not know of threads; it may call this recognizer itself.
        self._lock = threading.RLock()

    def __call__(self, frame: Frame | Image) -> Reading:
        """Read one frame, or a picture as a uint8 array, grey or BGR.

        Raises:
            PictureError: the array is not a picture.
            DetectionError: a detector of your own gave what is no detection.
        """
        frame, image = _opened(frame)
        began = time.perf_counter()
        seen = self._seen(frame, image)
        detections = self._detected(seen, image)
        detected = time.perf_counter()
        # The grey that faces were looked for in saves the model from converting it again.
        can_read = self._reads_grey and seen is not frame.luma
        faces = self._faces(seen if can_read else image, detections)
        done = time.perf_counter()
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

    def detect(self, frame: Frame | Image, within: Box | None = None) -> tuple[Detection, ...]:
        """The faces of a frame, from the largest to the smallest, in pixels of its image.

        Args:
            frame: as for a call.
            within: look only here, in pixels of the frame's image; what lies outside the image is
                left out. It should be about twice as large as the face that is expected in its
                middle: it is brought to 96 pixels, whatever its size, which takes a fifth of the
                time of looking at the whole frame. Smaller faces in it are missed.

        Raises:
            PictureError: the array is not a picture.
            ArgumentError: `within` is no `Box` of finite numbers with sides above 0.
            DetectionError: a detector of your own gave what is no detection.
        """
        frame, image = _opened(frame)
        if within is None:
            return self._detected(self._seen(frame, image), image)
        window = Window.of(within, image)
        if window is None:
            return ()
        found = self._asked(window.drawn(image))
        (across, along), (left, top) = window.factors, window.corner
        return _sorted([one.scaled(across, along).moved(left, top) for one in found], image)

    def read(self, frame: Frame | Image, detections: Iterable[Detection]) -> tuple[Face, ...]:
        """The emotions of faces of a frame, in their order.

        Args:
            frame: as for a call.
            detections: where the faces are, in pixels of the frame's image.

        Raises:
            PictureError: the array is not a picture, or a face's square lies outside it.
            DetectionError: the detections are none.
        """
        return self._faces(_opened(frame)[1], checked_detections(detections, "read's caller"))

    def _faces(self, image: Image, detections: Sequence[Detection]) -> tuple[Face, ...]:
        emotions = self.classifier.read_checked(image, detections)
        return tuple(
            Face(one.box, one.score, emotion, one.landmarks, one.square)
            for one, emotion in zip(detections, emotions, strict=True)
        )

    def _detected(self, seen: Image, image: Image) -> tuple[Detection, ...]:
        small = shrink(seen, self.detection_side)
        across, along = image.shape[1] / small.shape[1], image.shape[0] / small.shape[0]
        found = self._asked(small)
        return _sorted([one.scaled(across, along) for one in found], image)

    def _seen(self, frame: Frame, image: Image) -> Image:
        """What of a frame the detection picture is made of."""
        if not self._wants_grey:
            return image
        luma = frame.luma
        wanted = min(self.detection_side, max(image.shape[:2]))
        # A camera's own copy saves the conversion, but a smaller one would hide small faces.
        return luma if luma is not None and max(luma.shape) >= wanted else grey(image)

    def _asked(self, picture: Image) -> list[Detection]:
        if self._wants_grey:
            picture = grey(picture)
        elif picture.ndim == 2:
            picture = np.asarray(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR), np.uint8)
        with self._lock:
            found = self.detector.detect(picture)
        return checked_detections(found, f"the detector {type(self.detector).__name__}")


def _opened(frame: Frame | Image) -> tuple[Frame, Image]:
    # Nothing of the picture is kept: no need for pixels of our own.
    if isinstance(frame, np.ndarray):
        frame = Frame(frame, time.monotonic())
    elif not isinstance(frame, Frame):
        frame = Frame.of(frame, copy=False)
    return frame, frame.image


def _sorted(found: list[Detection], image: Image) -> tuple[Detection, ...]:
    """Those that have a pixel in the picture, the largest first."""
    height, width = image.shape[:2]
    inside = [detection for detection in found if _overlaps(detection, width, height)]
    if len(inside) > 1:
        inside.sort(key=lambda one: one.box.width * one.box.height, reverse=True)
    return tuple(inside)


def _overlaps(detection: Detection, width: int, height: int) -> bool:
    """Whether a face's square has a pixel in the picture: one at its edge may be framed past it."""
    square = detection.square
    return (
        round(square.x) < width
        and round(square.y) < height
        and round(square.x + square.width) > 0
        and round(square.y + square.height) > 0
    )
