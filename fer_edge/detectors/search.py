"""How a detection network searches a picture: its looks, and the second ones at doubtful faces."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import cv2
import numpy as np
import numpy.typing as npt

from fer_edge.detectors.doubtful import (
    CloseUp,
    lowest,
    lowest_second,
    score_of,
    without_doubtful,
)
from fer_edge.detectors.grid import CHANNELS, Candidates, decoded, likely_cells, weighted_nms
from fer_edge.detectors.layout import AS_IT_IS, Layout, Meaning, Numbers, Placing, layout_of
from fer_edge.detectors.scales import Look, counted, drawn, looks, window
from fer_edge.errors import ArgumentError
from fer_edge.number import plain_number
from fer_edge.pictures.image import Image, checked_image, grey

MOST_PLANS = 8
"""How many picture sizes a prepared plan is kept for."""


class GridNetwork(Protocol):
    """A network that gives numbers for each cell: an `Interpreter`, or one that is not converted
    yet."""

    @property
    def input_shape(self) -> tuple[int, ...]:
        """(1, height, width, pixels of a row that are a place's channels)."""
        ...

    @property
    def output_shapes(self) -> tuple[tuple[int, ...], ...]:
        """(1, height, width, numbers of a cell) of each grid, in any order."""
        ...

    @property
    def meanings(self) -> tuple[Meaning, ...]:
        """Of each grid's numbers."""
        ...

    def raw(self, batch: npt.NDArray[np.uint8]) -> list[npt.NDArray[Any]]:
        """The numbers of each grid.

        Args:
            batch: uint8, (1, height, width, channels) of any size that the strides divide.
        """
        ...


@dataclass(frozen=True)
class GridKinds:
    """What a network's grids are like, from the finest on."""

    strides: tuple[int, ...]
    """Pixels from cell to cell."""
    numbers: tuple[int, ...]
    """Of a cell."""
    meanings: tuple[Meaning, ...]
    """Of each grid's numbers."""

    def layout(
        self,
        canvases: Sequence[tuple[int, ...]],
        placings: tuple[Placing, ...],
        score_threshold: float,
    ) -> Layout:
        """Where the numbers of some looks lie.

        Args:
            canvases: width and height of each look's canvas, in pixels.
            placings: of each look.
            score_threshold: above 0 and below 1: which cells are of interest.
        """
        shapes = tuple(
            tuple(
                (height // stride, width // stride, count)
                for stride, count in zip(self.strides, self.numbers, strict=True)
            )
            for width, height in canvases
        )
        return layout_of(shapes, placings, score_threshold, self.strides, self.meanings, CHANNELS)


@functools.lru_cache(maxsize=MOST_PLANS)
def planned(
    kinds: GridKinds, width: int, height: int, score_threshold: float, searched_once: int
) -> tuple[tuple[Look, ...], Layout, Layout]:
    """The looks at a picture, their layout, and the layout of a second look at a doubtful face."""
    stride = kinds.strides[-1]
    every = looks(width, height, stride, searched_once)
    placings = tuple(look.placing for look in every)
    layout = kinds.layout([look.canvas for look in every], placings, lowest(score_threshold))
    canvas = (window(stride),) * 2
    return every, layout, kinds.layout([canvas], (AS_IT_IS,), lowest_second(score_threshold))


class FaceSearch:
    """Finds candidates in pictures of any size."""

    def __init__(
        self,
        network: GridNetwork,
        strides: tuple[int, ...],
        iou_threshold: float,
        searched_once: int,
    ) -> None:
        """Take a network.

        Args:
            network: gives numbers for each cell, as `fer_edge.detectors.grid` describes them.
            strides: pixels from cell to cell of each grid, smallest first.
            iou_threshold: of two faces whose intersection over union exceeds this, the
                lower-scoring one goes, 0..1.
            searched_once: pixels of the longer side up to which a picture needs no smaller copies.
        """
        self.network, self.strides = network, strides
        self.iou_threshold, self.searched_once = iou_threshold, searched_once
        self._in_a_row = network.input_shape[-1]
        # Interpreters give the outputs in any order: the finest grid is the largest.
        heights = [shape[1] for shape in network.output_shapes]
        self._order = sorted(range(len(heights)), key=lambda place: -heights[place])
        self._grid_kinds = GridKinds(
            strides,
            tuple(network.output_shapes[place][-1] for place in self._order),
            tuple(network.meanings[place] for place in self._order),
        )

    def everywhere(self, image: Image, score_threshold: float) -> Candidates:
        """Candidates from all copies of the picture, best first, down to `score_threshold`.
        Doubtful faces are searched once more, each alone.

        Args:
            image: uint8, (height, width) grey or (height, width, 3) BGR.
            score_threshold: above 0 and below 1.

        Raises:
            PictureError: the image is no picture.
            ArgumentError: no such score.
        """
        _check_score(score_threshold)
        image = grey(checked_image(image))
        every, layout, again = planned(
            self._grid_kinds, image.shape[1], image.shape[0], score_threshold, self.searched_once
        )
        canvases = [drawn(image, look) for look in every]
        # All grids are decoded at once, right after the largest picture. That picture empties the
        # processor's cache, so the next code is slow at first, whichever it is.
        grids = [self._grids(canvas) for canvas in reversed(canvases)]
        cells = likely_cells([grid for one in reversed(grids) for grid in one], layout)
        found = weighted_nms(decoded(counted(cells, every[0])), self.iou_threshold)
        return without_doubtful(
            found,
            score_threshold,
            min(image.shape),
            lambda box: self._second(image, box, again),
            trust_small=every[0].largest == math.inf,
        )

    def in_one_look(self, image: Image, score_threshold: float) -> Candidates:
        """As `everywhere`, but in the picture alone, without smaller copies or second searches."""
        _check_score(score_threshold)
        pixels = padded(grey(checked_image(image)), self.strides[-1])
        layout = self._grid_kinds.layout([pixels.shape[::-1]], (AS_IT_IS,), score_threshold)
        return weighted_nms(decoded(likely_cells(self._grids(pixels), layout)), self.iou_threshold)

    def _second(self, image: Image, box: Numbers, layout: Layout) -> float:
        """The score of a box when it is searched alone; 0 if no face is found there."""
        close = CloseUp.of(box, image, window(self.strides[-1]))
        if close is None:
            return 0.0
        return score_of(close.box, self._grids(close.drawn(image)), layout)

    def _grids(self, pixels: Image) -> list[npt.NDArray[Any]]:
        height, width = pixels.shape
        rows = pixels.reshape(1, height, width // self._in_a_row, self._in_a_row)
        outputs = self.network.raw(rows)
        return [outputs[place] for place in self._order]


def _check_score(score_threshold: float) -> None:
    if not 0 < plain_number("score_threshold", score_threshold) < 1:
        raise ArgumentError(f"score_threshold is above 0 and below 1, got {score_threshold}")


def padded(image: Image, multiple: int) -> Image:
    """Black right and below, so that every grid's cells cover whole strides."""
    lacking = [-side % multiple for side in image.shape[:2]]
    if not any(lacking):
        return image
    padded = cv2.copyMakeBorder(image, 0, lacking[0], 0, lacking[1], cv2.BORDER_CONSTANT, value=0)
    return np.asarray(padded, np.uint8)
