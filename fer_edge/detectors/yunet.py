"""YuNet, a small face detection network, in OpenCV's own inference engine.

Wu et al., "YuNet: A Tiny Millisecond-level Face Detector", 2023. Its file,
face_detection_yunet_2023mar.onnx, is in the OpenCV Zoo and is not shipped here.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from fer_edge.detectors.detector import Colour
from fer_edge.errors import BackendMissingError, ModelError
from fer_edge.face import Box, Detection
from fer_edge.models.file_content import file_content
from fer_edge.native_logs.opencv_log import quiet_opencv
from fer_edge.number import check_flag
from fer_edge.pictures.image import Image, checked_image
from fer_edge.printable import printable

SQUARE_SIDE_FACTOR = 0.9
"""Hair line to chin, as a multiple of the box's longer side. FER2013's own faces are read equally
well from 0.9 to 1.05 (`python -m train framing`). On news photos, where YuNet's boxes enclose more
of the head, 0.8 to 0.9 was best."""
SCORE_THRESHOLD = 0.7
NMS_IOU_THRESHOLD = 0.3
"""Of two faces whose IoU exceeds this, the one with the lower score is dropped."""
MOST_CANDIDATES = 5000
LEAST_SIDE_PIXELS = 64
"""Smaller sides are widened in black: on pictures narrower than its strides the network gave
infinite numbers."""


RELEASES = {
    "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4": "2023mar",
    "321aa5a6afabf7ecc46a3d06bfab2b579dc96eb5c3be7edd365fa04502ad9294": "2023mar_int8 (first)",
    "d0405ddda91a261af340e087219dfbac26cea1575aab2ccb7f2ed41e20708a82": "2023mar_int8",
    "49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10": "2023mar_int8bq",
    "ebafce4e3c118d6554634be5c27ab333b4c047a9a8c3faf1d7cf93101c22f0f0": "2026may",
}
"""The files of the OpenCV Zoo that OpenCV 4.8 and later run, by SHA-256. OpenCV reads any .onnx,
and trusts it; a changed one can crash the process."""


class YuNetDetector:
    """Faces in any pose, with OpenCV 4.8 or later or OpenCV 5.

    Threads may share one detector; it serves them one after the other.
    """

    colour: Colour = "bgr"
    network: Any
    """OpenCV's FaceDetectorYN."""

    def __init__(self, model: Path, *, trust_unknown: bool = False) -> None:
        """Load the network.

        Args:
            model: one of RELEASES, under any name.
            trust_unknown: take another file as well. OpenCV does not check it: a damaged or
                malicious one can crash the process or worse.

        Raises:
            ArgumentError: the model is no path, or `trust_unknown` no bool.
            ModelFileError: the file is missing, or may not be read.
            ModelError: it is no known release, or OpenCV takes it for another network.
            BackendMissingError: this OpenCV cannot run YuNet, or not this release.
        """
        if not hasattr(cv2, "FaceDetectorYN"):
            raise BackendMissingError(
                f"OpenCV {cv2.__version__} has no FaceDetectorYN; "
                "pip install 'opencv-python-headless>=4.8'"
            )
        check_flag("trust_unknown", trust_unknown)
        self._lock = threading.Lock()
        content = file_content(model)
        release = _release(content)
        if release is None and not trust_unknown:
            raise ModelError(
                f"{printable(model)} is damaged, or not YuNet of the OpenCV Zoo; expected "
                f"one of: {', '.join(RELEASES.values())}. Another file can run as a program. "
                "If you trust it: trust_unknown=True, or fer-edge's --trust-detector"
            )
        try:
            # Loaded from memory, so the checked bytes are run; OpenCV also crashes on some paths.
            with quiet_opencv():
                self.network = cv2.FaceDetectorYN.create(
                    "onnx",
                    np.frombuffer(content, np.uint8),
                    np.empty(0, np.uint8),
                    (64, 64),
                    SCORE_THRESHOLD,
                    NMS_IOU_THRESHOLD,
                    MOST_CANDIDATES,
                )
                self.network.detect(np.zeros((64, 64, 3), np.uint8))
        except (cv2.error, TypeError) as error:
            why = getattr(error, "err", None) or error
            if release:
                raise BackendMissingError(
                    f"OpenCV {cv2.__version__} cannot run YuNet {release} ({why}); "
                    "pip install --upgrade opencv-python-headless, or take the release 2023mar"
                ) from error
            raise ModelError(f"{printable(model)} is damaged, or not YuNet: {why}") from error

    def detect(self, image: Image) -> list[Detection]:
        """The faces that score SCORE_THRESHOLD or more.

        Raises:
            PictureError: the image is no picture.
        """
        image = checked_image(image)
        if image.ndim == 2:
            image = np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), dtype=np.uint8)
        lacking = [max(0, LEAST_SIDE_PIXELS - side) for side in image.shape[:2]]
        if any(lacking):
            widened = cv2.copyMakeBorder(image, 0, lacking[0], 0, lacking[1], cv2.BORDER_CONSTANT)
            image = np.asarray(widened, dtype=np.uint8)
        with self._lock:
            self.network.setInputSize((image.shape[1], image.shape[0]))
            _, rows = self.network.detect(image)
        return [] if rows is None else [_detection(row) for row in rows.tolist()]


def _detection(row: list[float]) -> Detection:
    """YuNet's row: x, y, width, height, five landmarks' x and y, score."""
    box = Box(row[0], row[1], max(row[2], 1.0), max(row[3], 1.0))
    landmarks = tuple(zip(row[4:14:2], row[5:14:2], strict=True))
    return Detection(box, box.square(SQUARE_SIDE_FACTOR), min(1.0, row[14]), landmarks)


def _release(content: bytes) -> str | None:
    # Imported only here: hashlib loads OpenSSL, which takes 5 MB of memory, and only YuNet needs
    # it.
    import hashlib

    return RELEASES.get(hashlib.sha256(content).hexdigest())
