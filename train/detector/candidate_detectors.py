"""Detectors to be measured, all called in the same way: int8, float, and OpenCV's."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import cv2
import keras
import numpy as np
import numpy.typing as npt

from fer_edge.detectors.face_detector import FaceDetector
from fer_edge.detectors.grid import Candidates
from fer_edge.detectors.search import FaceSearch
from fer_edge.detectors.shrink import shrink
from fer_edge.detectors.yunet import SCORE_THRESHOLD, YuNetDetector
from train.detector.run import DetectorRun
from train.detector.targets import STRIDES
from train.run.network_file import load_network

NMS_IOU_THRESHOLD = 0.4
"""Of two faces whose IoU exceeds this, the one with the lower score is dropped."""
LOWEST_MEASURED_SCORE = 0.02
"""The lowest score that counts when a whole curve is measured."""


class CandidateDetector(Protocol):
    """Finds faces down to a score: the runtime's `FaceDetector`, or a float network."""

    def find(self, image: npt.NDArray[np.uint8], score_threshold: float) -> Candidates:
        """In pixels of the picture, best first."""
        ...


class SearchingDetector(CandidateDetector, Protocol):
    """Finds faces as the runtime does, too."""

    def search(self, image: npt.NDArray[np.uint8], score_threshold: float) -> Candidates:
        """Likewise, with the second looks."""
        ...


class FloatDetector:
    """A network that is not converted yet, searching as the runtime does."""

    def __init__(self, network: keras.Model, searched_once: int) -> None:
        """Take a network.

        Args:
            network: of `train.detector.network`.
            searched_once: pixels of the longer side up to which a picture needs no smaller copies.
        """
        self.searched_once = searched_once
        self._faces = FaceSearch(_FloatNetwork(network), STRIDES, NMS_IOU_THRESHOLD, searched_once)

    def find(self, image: npt.NDArray[np.uint8], score_threshold: float) -> Candidates:
        """In pixels of the picture, best first."""
        return self._faces.in_one_look(image, score_threshold)

    def search(self, image: npt.NDArray[np.uint8], score_threshold: float) -> Candidates:
        """Likewise, with the second looks."""
        return self._faces.everywhere(image, score_threshold)


class _FloatNetwork:
    input_shape = (1, STRIDES[-1], STRIDES[-1], 1)
    meanings = ((1.0, 0),) * len(STRIDES)

    def __init__(self, network: keras.Model) -> None:
        # Run as one graph, a network takes a quarter of the time of single layers. To compile it
        # for each size of picture would take longer.
        network.compile(jit_compile=False)
        self.network = network
        sides = [STRIDES[-1] // stride for stride in STRIDES]
        pairs = zip(sides, network.output_shape, strict=True)
        self.output_shapes = tuple((1, side, side, shape[-1]) for side, shape in pairs)

    def raw(self, batch: npt.NDArray[np.uint8]) -> list[npt.NDArray[np.float32]]:
        return list(self.network.predict_on_batch(batch.astype(np.float32)))


def candidates_at(
    detector: CandidateDetector,
    image: npt.NDArray[np.uint8],
    side: int,
    score_threshold: float = LOWEST_MEASURED_SCORE,
) -> Candidates:
    """Look in a copy whose longer side is at most `side`; the answer is in the picture's pixels."""
    small = shrink(image, side)
    factors = np.array(image.shape[::-1], np.float32) / np.array(small.shape[::-1], np.float32)
    found = detector.find(small, score_threshold)
    boxes = (found.boxes * np.tile(factors, 2)).astype(np.float32)
    return Candidates(found.scores, boxes, (found.landmarks * factors).astype(np.float32))


class YuNet:
    """OpenCV's detector, to compare with."""

    def __init__(self, model: Path) -> None:
        """Open its file.

        Raises:
            ModelError: the file is missing, damaged, or not YuNet.
        """
        self.network = YuNetDetector(model).network
        self.network.setScoreThreshold(LOWEST_MEASURED_SCORE)
        self.network.setNMSThreshold(NMS_IOU_THRESHOLD)

    def find(self, image: npt.NDArray[np.uint8], score_threshold: float) -> Candidates:
        """In pixels of the picture, best first."""
        self.network.setInputSize(image.shape[::-1])
        _, rows = self.network.detect(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR))
        numbers = np.zeros((0, 15), np.float32) if rows is None else np.asarray(rows, np.float32)
        numbers = numbers[numbers[:, 14] >= score_threshold]
        boxes = np.concatenate([numbers[:, :2], numbers[:, :2] + numbers[:, 2:4]], axis=1)
        return Candidates(numbers[:, 14], boxes, numbers[:, 4:14].reshape(-1, 5, 2))

    def search(self, image: npt.NDArray[np.uint8], score_threshold: float) -> Candidates:
        """Likewise: it has no second looks."""
        return self.find(image, score_threshold)


def open_candidate_detector(name: str) -> tuple[SearchingDetector, float]:
    """A detector to be measured, and the threshold that it is used with.

    Args:
        name: a model of the package, a `.tflite` file, a training's folder for its float network,
            or YuNet's `.onnx`.

    Raises:
        ModelError: no such detector, or the card of the training's folder is damaged.
        RunError: the training in the folder is not finished.
    """
    if name.lower().endswith(".onnx"):
        return YuNet(Path(name)), SCORE_THRESHOLD
    if Path(name).is_dir():
        run = DetectorRun(Path(name))
        card = run.read_card()
        network = load_network(run.model_file, run.made_by)
        return FloatDetector(network, card.searched_once), card.score_threshold
    detector = FaceDetector(name)
    return detector, detector.card.score_threshold
