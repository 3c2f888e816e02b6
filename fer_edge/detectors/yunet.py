"""YuNet, a small face detection network, in OpenCV's own inference engine.

Wu et al., "YuNet: A Tiny Millisecond-level Face Detector", 2023. Its file,
face_detection_yunet_2023mar.onnx, is in the OpenCV Zoo and is not shipped here.
"""

from __future__ import annotations

import threading
from pathlib import Path

import cv2
import numpy as np

from fer_edge.detectors.detector import Colour
from fer_edge.errors import BackendMissingError, ModelError
from fer_edge.face import Box, Detection
from fer_edge.image import Image

SIDE = 0.9
"""Hair line to chin, as a multiple of the box's longer side: 0.9 to 1.05 read FER2013's own faces
equally well (`python -m train framing`), and 0.8 to 0.9 was best on news photos, where YuNet's
boxes take in more of the head."""
MINIMUM_SCORE = 0.7
OVERLAP = 0.3
"""Of two faces whose intersection over union exceeds this, the one that scores less goes."""
MOST_CANDIDATES = 5000
SMALLEST = 64
"""Pixels: on pictures narrower than its strides the network was seen to answer with infinities,
so they are widened in black."""


class YuNetDetector:
    """Faces in any pose, with OpenCV 4.8 or later or OpenCV 5.

    Threads may share one and are served one after the other.
    """

    colour: Colour = "bgr"

    def __init__(self, model: Path) -> None:
        """Load the network.

        Raises:
            ModelError: the file is missing, damaged or another network.
            BackendMissingError: this OpenCV has no FaceDetectorYN.
        """
        if not hasattr(cv2, "FaceDetectorYN"):
            raise BackendMissingError(
                f"OpenCV {cv2.__version__} has no FaceDetectorYN; "
                "pip install 'opencv-python-headless>=4.8'"
            )
        if not model.is_file():
            raise ModelError(f"no detector at {model}; expected YuNet's .onnx file")
        self._lock = threading.Lock()
        try:
            self._network = cv2.FaceDetectorYN.create(
                str(model), "", (64, 64), MINIMUM_SCORE, OVERLAP, MOST_CANDIDATES
            )
            self._network.detect(np.zeros((64, 64, 3), np.uint8))
        except cv2.error as error:
            raise ModelError(f"{model} is damaged, or not YuNet: {error.err}") from error

    def detect(self, image: Image) -> list[Detection]:
        """The faces that score MINIMUM_SCORE or more."""
        if image.ndim == 2:
            image = np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), dtype=np.uint8)
        lacking = [max(0, SMALLEST - side) for side in image.shape[:2]]
        if any(lacking):
            widened = cv2.copyMakeBorder(image, 0, lacking[0], 0, lacking[1], cv2.BORDER_CONSTANT)
            image = np.asarray(widened, dtype=np.uint8)
        with self._lock:
            self._network.setInputSize((image.shape[1], image.shape[0]))
            _, rows = self._network.detect(image)
        return [] if rows is None else [_detection(row) for row in rows.tolist()]


def _detection(row: list[float]) -> Detection:
    """YuNet's row: x, y, width, height, five landmarks' x and y, score."""
    box = Box(row[0], row[1], max(row[2], 1.0), max(row[3], 1.0))
    landmarks = tuple(zip(row[4:14:2], row[5:14:2], strict=True))
    return Detection(box, box.square(SIDE), min(1.0, row[14]), landmarks)
