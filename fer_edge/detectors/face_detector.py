"""The face detector that ships with fer_edge: a small int8 network in the models' own runtime."""

from __future__ import annotations

from pathlib import Path

from fer_edge.detectors.detector import Colour
from fer_edge.detectors.grid import CHANNELS, HINTS, LANDMARKS, Candidates
from fer_edge.detectors.search import FaceSearch
from fer_edge.detectors.shrink import shrink
from fer_edge.errors import ModelError
from fer_edge.face import Box, Detection
from fer_edge.interpreter import Interpreter
from fer_edge.models import find_model
from fer_edge.models.card import check_runtime
from fer_edge.models.detector_card import DetectorCard
from fer_edge.models.file import named_in_errors, read_model
from fer_edge.pictures.image import Image, checked_image

LEAST_SIDE_PIXELS = 32
"""Pixels of the longer side below which the `Recognizer` asks nothing: hardly a face would be
found."""
LARGEST_SIDE_PIXELS = 1280
"""Pixels of the longer side of the largest picture that is searched; faces of 20 pixels are found
in it. Larger pictures need more memory and time than small computers have."""


class FaceDetector:
    """Finds faces and five landmarks in pictures of any size.

    Threads may share one detector; it serves them one after the other. One detector a thread is
    faster.
    """

    colour: Colour = "grey"
    largest_side = LARGEST_SIDE_PIXELS
    least_side = LEAST_SIDE_PIXELS

    def __init__(
        self, model: str | Path = "face-detector", threads: int = 1, interpreter: str | None = None
    ) -> None:
        """Load a model and check its card against its tensors.

        Args:
            model: "face-detector", "face-detector-fast", or the path of a .tflite made by
                `convert`.
            threads: how many cores it may use, 1 to 64.
            interpreter: "litert" or "tflite-runtime"; the first that works if None.

        Raises:
            ArgumentError: no such number of threads.
            ModelError: missing, damaged, without a card, or no face detector.
            BackendMissingError: no TFLite interpreter works here.
        """
        path = find_model(model, "detector")
        file = read_model(path)
        with named_in_errors(path):
            if not isinstance(file.card, DetectorCard):
                raise ModelError("expected a face detector, this model reads emotions")
            check_runtime(file.card.minimum_runtime)
            self.card = file.card
            self.interpreter = Interpreter(file.content, threads, interpreter)
            _check_tensors(self.card, self.interpreter)
        self._faces = FaceSearch(
            self.interpreter, self.card.strides, self.card.iou_threshold, self.card.searched_once
        )

    def detect(self, image: Image) -> list[Detection]:
        """The faces; of pictures longer than LARGEST_SIDE_PIXELS a smaller copy is searched.

        Raises:
            PictureError: the image is no picture.
        """
        image = checked_image(image)
        small = shrink(image, LARGEST_SIDE_PIXELS)
        found = self.search(small, self.card.score_threshold)
        detections = [self._detection(*row) for row in _rows(found)]
        if small is image:
            return detections
        factors = (image.shape[1] / small.shape[1], image.shape[0] / small.shape[0])
        return [detection.scaled(*factors) for detection in detections]

    def search(self, image: Image, score_threshold: float) -> Candidates:
        """Candidates from all copies of the picture, best first; doubtful faces are searched again.

        Args:
            image: uint8, (height, width) grey or (height, width, 3) BGR.
            score_threshold: above 0 and below 1.

        Raises:
            PictureError: the image is no picture.
            ArgumentError: no such score.
        """
        return self._faces.everywhere(image, score_threshold)

    def find(self, image: Image, score_threshold: float) -> Candidates:
        """As `search`, but in the picture alone, without smaller copies or second searches."""
        return self._faces.in_one_look(image, score_threshold)

    def _detection(self, score: float, box: list[float], landmarks: list[list[float]]) -> Detection:
        left, top, right, bottom = box
        where = Box(left, top, max(right - left, 1.0), max(bottom - top, 1.0))
        square = where.square(self.card.square_side, down=self.card.square_down)
        return Detection(where, square, score, tuple((x, y) for x, y in landmarks))


def _check_tensors(card: DetectorCard, interpreter: Interpreter) -> None:
    if card.landmarks != LANDMARKS:
        raise ModelError(f"the card's landmarks are {card.landmarks}; expected {LANDMARKS}")
    # Some pixels of a row, one beside the other, are a place's channels.
    _, height, places, in_a_row = interpreter.input_shape
    width = places * in_a_row
    known = [
        sorted(
            (1, height / stride, width / stride, CHANNELS + hints * (stride != card.strides[0]))
            for stride in card.strides
        )
        for hints in (0, HINTS)
    ]
    # Interpreters give the outputs in any order.
    if card.strides[0] % in_a_row or sorted(interpreter.output_shapes) not in known:
        raise ModelError(
            f"the card belongs to another model. It declares grey pictures of {width}x{height}, "
            f"strides of {card.strides} pixels, and {CHANNELS} or {CHANNELS + HINTS} numbers for "
            f"each cell. The model has {in_a_row} channels and "
            f"outputs of {interpreter.output_shapes}"
        )


def _rows(found: Candidates) -> list[tuple[float, list[float], list[list[float]]]]:
    parts = (found.scores.tolist(), found.boxes.tolist(), found.landmarks.tolist())
    return list(zip(*parts, strict=True))
