"""The face detector that ships with fer_edge: a small int8 network in the models' own runtime."""

from __future__ import annotations

import functools
import math
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from fer_edge.detectors.detector import Colour
from fer_edge.detectors.doubtful import (
    CloseUp,
    lowest,
    lowest_second,
    score_of,
    without_doubtful,
)
from fer_edge.detectors.grid import (
    CHANNELS,
    HINTS,
    LANDMARKS,
    Candidates,
    decoded,
    likely_cells,
    weighted_nms,
)
from fer_edge.detectors.layout import AS_IT_IS, Layout, Numbers, Placing, layout_of
from fer_edge.detectors.scales import Look, counted, drawn, looks, window
from fer_edge.detectors.shrink import shrink
from fer_edge.errors import ArgumentError, ModelError
from fer_edge.face import Box, Detection
from fer_edge.interpreter import Interpreter
from fer_edge.models import find_model
from fer_edge.models.card import check_runtime
from fer_edge.models.detector_card import DetectorCard
from fer_edge.models.file import named_in_errors, read_model
from fer_edge.number import plain_number
from fer_edge.pictures.image import Image, checked_image, grey

LARGEST_SIDE_PIXELS = 1280
"""Pixels of the longer side of the largest picture that is searched; faces of 20 pixels are found
in it. Larger pictures need more memory and time than small computers have."""
MOST_PLANS = 8
"""How many picture sizes the detector keeps its prepared plan for."""


class FaceDetector:
    """Finds faces and five landmarks in pictures of any size.

    Threads may share one detector; it serves them one after the other. One detector a thread is
    faster.
    """

    colour: Colour = "grey"
    largest_side = LARGEST_SIDE_PIXELS

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
        path = find_model(model)
        file = read_model(path)
        with named_in_errors(path):
            if not isinstance(file.card, DetectorCard):
                raise ModelError("expected a face detector, this model reads emotions")
            check_runtime(file.card.minimum_runtime)
            self.card = file.card
            self.interpreter = Interpreter(file.content, threads, interpreter)
            _check_tensors(self.card, self.interpreter)
        self._in_a_row = self.interpreter.input_shape[-1]
        # Interpreters give the outputs in any order: the finest grid is the largest.
        heights = [shape[1] for shape in self.interpreter.output_shapes]
        self._order = sorted(range(len(heights)), key=lambda place: -heights[place])
        self._plan = functools.lru_cache(maxsize=MOST_PLANS)(self._planned)

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
        """Candidates from all copies of the picture, best first, down to `score_threshold`.
        Doubtful faces are searched once more, each alone.

        Args:
            image: uint8, (height, width) grey or (height, width, 3) BGR.
            score_threshold: above 0 and below 1.

        Raises:
            PictureError: the image is no picture.
            ArgumentError: no such score.
        """
        if not 0 < plain_number("score_threshold", score_threshold) < 1:
            raise ArgumentError(f"score_threshold is above 0 and below 1, got {score_threshold}")
        image = grey(checked_image(image))
        every, layout, again = self._plan(image.shape[1], image.shape[0], score_threshold)
        canvases = [drawn(image, look) for look in every]
        # All grids are decoded at once, right after the largest picture. That picture empties the
        # processor's cache, so the next code is slow at first, whichever it is.
        grids = [self._grids(canvas) for canvas in reversed(canvases)]
        cells = likely_cells([grid for one in reversed(grids) for grid in one], layout)
        found = weighted_nms(decoded(counted(cells, every[0])), self.card.iou_threshold)
        return without_doubtful(
            found,
            score_threshold,
            min(image.shape),
            lambda box: self._second(image, box, again),
            trust_small=every[0].largest == math.inf,
        )

    def find(self, image: Image, score_threshold: float) -> Candidates:
        """As `search`, but in the picture alone, without smaller copies or second searches."""
        pixels = padded(grey(checked_image(image)), self.card.strides[-1])
        layout = self._layout([pixels.shape[::-1]], (AS_IT_IS,), score_threshold)
        return weighted_nms(
            decoded(likely_cells(self._grids(pixels), layout)), self.card.iou_threshold
        )

    def _planned(
        self, width: int, height: int, score_threshold: float
    ) -> tuple[tuple[Look, ...], Layout, Layout]:
        stride = self.card.strides[-1]
        every = looks(width, height, stride, self.card.searched_once)
        placings = tuple(look.placing for look in every)
        layout = self._layout([look.canvas for look in every], placings, lowest(score_threshold))
        canvas = (window(stride),) * 2
        return every, layout, self._layout([canvas], (AS_IT_IS,), lowest_second(score_threshold))

    def _second(self, image: Image, box: Numbers, layout: Layout) -> float:
        """The score of a box when it is searched alone; 0 if no face is found there."""
        close = CloseUp.of(box, image, window(self.card.strides[-1]))
        if close is None:
            return 0.0
        return score_of(close.box, self._grids(close.drawn(image)), layout)

    def _layout(
        self,
        canvases: list[tuple[int, ...]],
        placings: tuple[Placing, ...],
        score_threshold: float,
    ) -> Layout:
        strides = self.card.strides
        numbers = [self.interpreter.output_shapes[place][-1] for place in self._order]
        shapes = tuple(
            tuple(
                (height // stride, width // stride, count)
                for stride, count in zip(strides, numbers, strict=True)
            )
            for width, height in canvases
        )
        meanings = tuple(self.interpreter.meanings[place] for place in self._order)
        return layout_of(shapes, placings, score_threshold, strides, meanings, CHANNELS)

    def _grids(self, pixels: Image) -> list[npt.NDArray[Any]]:
        height, width = pixels.shape
        rows = pixels.reshape(1, height, width // self._in_a_row, self._in_a_row)
        outputs = self.interpreter.raw(rows)
        return [outputs[place] for place in self._order]

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


def padded(image: Image, multiple: int) -> Image:
    """Black right and below, so that every grid's cells cover whole strides."""
    lacking = [-side % multiple for side in image.shape[:2]]
    if not any(lacking):
        return image
    padded = cv2.copyMakeBorder(image, 0, lacking[0], 0, lacking[1], cv2.BORDER_CONSTANT, value=0)
    return np.asarray(padded, np.uint8)
