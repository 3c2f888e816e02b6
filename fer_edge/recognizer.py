"""Reads the emotions in a frame: detection, framing and classification in one call."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np

from fer_edge.classifier import EmotionClassifier
from fer_edge.detectors import Detector, open_detector
from fer_edge.detectors.checked import READ_TAKES, checked_detections
from fer_edge.detectors.detector import colour_of
from fer_edge.detectors.shrink import shrink
from fer_edge.detectors.window import Window
from fer_edge.errors import ArgumentError
from fer_edge.face import Box, Detection, Face
from fer_edge.forked import begin_anew_in_children
from fer_edge.frame import Frame
from fer_edge.number import check_flag, whole_number
from fer_edge.pictures.image import Image, grey
from fer_edge.printable import printable
from fer_edge.priors import Priors
from fer_edge.reading import Reading

LARGEST_DETECTION_SIDE_PIXELS = 4096
"""The largest longer side of the detection picture, for detectors without `largest_side`."""


class Recognizer:
    """Finds the faces of a frame and reads their emotions.

    Threads may share one recognizer; it serves them one after the other. One a thread is faster if
    there are enough cores.
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
            detector: a shipped one's name, the path of another .tflite made by `convert` or of
                YuNet's .onnx, or a detector of your own.
            detection_side: pixels of the longer side of the picture that faces are searched in. The
                shipped detectors take 32 to 1280 (`least_side` and `largest_side`). A larger one
                finds smaller faces and takes longer; near faces are found with any. Emotions are
                read in the full picture.
            threads: how many cores the models may use, 1 to 64.
            interpreter: "litert" or "tflite-runtime"; the first that works if None.
            trust_unknown: take an .onnx that is no known release of YuNet; see `YuNetDetector`.
            priors: how common the emotions are in your scene; probabilities are corrected for it
                (`fer_edge.priors`). "as-trained", "even", a number from 0 to 1 between them, or a
                mapping from each emotion to its share. None: the model's own.

        Raises:
            ArgumentError: `detection_side` or `threads` is no whole number or out of range. Or the
                detector is none, or the priors do not fit the model.
            ModelError: the model or the detector's file is missing, damaged or foreign. Or the
                priors need the shares of training, which the model's card does not say.
            BackendMissingError: a package that was asked for is not installed.
        """
        check_flag("trust_unknown", trust_unknown)
        if isinstance(detector, str | Path):
            detector = open_detector(detector, threads, interpreter, trust_unknown=trust_unknown)
        self.detector = detector
        self._wants_grey = colour_of(detector) == "grey"
        self.detection_side = _side_for(detector, detection_side)
        self.classifier = EmotionClassifier(model, threads, interpreter, priors=priors)
        self._reads_grey = self._wants_grey and self.classifier.card.input.colour == "grey"
        # A user's own detector may not support threads. It may call this recognizer itself.
        self._begin_anew()
        begin_anew_in_children(self, Recognizer._begin_anew)

    def _begin_anew(self) -> None:
        """See `fer_edge.forked`: a thread of the parent may hold the lock for ever."""
        self._lock = threading.RLock()

    def __reduce__(self) -> str:
        """Raises:
        ArgumentError: an interpreter cannot be copied, or sent to another process.
        """
        raise ArgumentError("a Recognizer cannot be copied: make one in each process")

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
        # The detector's grey picture is used again, so the model need not convert it once more.
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
            within: search only here, in pixels of the frame's image; the part outside the image is
                left out. It should be about twice as large as the face that is expected in its
                middle; much smaller faces are missed. It is scaled to 96 pixels, whatever its size.
                That takes about a quarter of the time of a search in the whole frame.

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
        return self._faces(_opened(frame)[1], checked_detections(detections, READ_TAKES))

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
        """The picture of a frame that the detection picture is made from."""
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
        return checked_detections(found, f"the detector {type(self.detector).__name__} must give")


def _side_for(detector: Detector, wanted: int) -> int:
    largest = getattr(detector, "largest_side", LARGEST_DETECTION_SIDE_PIXELS)
    largest = whole_number("the detector's largest_side", largest, 1, LARGEST_DETECTION_SIDE_PIXELS)
    least = whole_number(
        "the detector's least_side", getattr(detector, "least_side", 1), 1, largest
    )
    called = printable(type(detector).__name__)
    return whole_number(f"with the detector {called}, detection_side", wanted, least, largest)


def _opened(frame: Frame | Image) -> tuple[Frame, Image]:
    # Nothing of the picture is kept, so it need not be copied.
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
    """Whether a face's square has a pixel in the picture; at an edge it may lie outside."""
    square = detection.square
    return (
        round(square.x) < width
        and round(square.y) < height
        and round(square.x + square.width) > 0
        and round(square.y + square.height) > 0
    )
