"""OpenCV's Haar cascade for frontal faces.

Viola & Jones, "Rapid Object Detection using a Boosted Cascade of Simple Features", 2001;
Lienhart & Maydt, "An Extended Set of Haar-like Features", 2002.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from fer_edge.errors import BackendMissingError
from fer_edge.face import Box, Detection
from fer_edge.image import Image, grey

CASCADE = "haarcascade_frontalface_alt2.xml"
SIDE = 1.05
"""Hair line to chin, as a multiple of the box's side: on FER2013's own faces the median is 1.04
and 0.95 to 1.15 read equally well (`python -m train framing`)."""
STEP = 1.1
"""How much larger each searched size is than the one before."""
NEIGHBOURS = 4
"""Overlapping hits that make a face."""
SMALLEST = 20
"""Pixels: the size of the cascade's own window."""


class HaarDetector:
    """Upright frontal faces; needs an OpenCV 4, from which no file beside it is missing."""

    def __init__(self) -> None:
        """Raises:
        BackendMissingError: OpenCV 5, which has no cascades, or a build without their files.
        """
        if not hasattr(cv2, "CascadeClassifier"):
            raise BackendMissingError(
                f"OpenCV {cv2.__version__} has no Haar cascades; "
                "pip install 'opencv-python-headless<5', or give YuNet's .onnx file as detector"
            )
        path = Path(cv2.__file__).parent / "data" / CASCADE
        self._cascade = cv2.CascadeClassifier(str(path)) if path.is_file() else None
        if self._cascade is None or self._cascade.empty():
            raise BackendMissingError(
                f"this OpenCV came without {CASCADE}; pip install 'opencv-python-headless<5'"
            )

    def detect(self, image: Image) -> list[Detection]:
        """The faces, scored by how many overlapping hits stand behind each: 0.5 and more."""
        if min(image.shape[:2]) < SMALLEST:
            return []
        assert self._cascade is not None
        boxes, hits = self._cascade.detectMultiScale2(
            grey(image), scaleFactor=STEP, minNeighbors=NEIGHBOURS, minSize=(SMALLEST, SMALLEST)
        )
        return [
            _detection([float(value) for value in box], int(count))
            for box, count in zip(boxes, np.ravel(hits), strict=True)
        ]


def _detection(corners: list[float], hits: int) -> Detection:
    box = Box(*corners)
    return Detection(box, box.square(SIDE), score=hits / (hits + NEIGHBOURS))
