"""What the last layers see of faces whose landmarks people marked."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from fer_edge.detectors.grid import MERGE_IOU, SCORE_POWER, Cells, decoded, pairwise_iou
from train.detector.landmarks.plain_outputs import is_pair, output_layer
from train.detector.rows import Rows
from train.detector.scenes.placed import Scene
from train.detector.targets import STRIDES

Array = npt.NDArray[np.float32]

SCENES_AT_ONCE = 16
"""How many the network sees in one call."""
LOWEST_SCORE = 0.3
"""The runtime seldom takes landmarks of cells that score less."""
SAME_FACE_IOU = 0.5
"""From which on a cell's box is on a marked face."""
LEAST_EYES_PIXELS = 2.0
"""Between the eyes. Distances are measured in theirs, so it must be known well enough."""
LANDMARK_NUMBERS = slice(5, 15)
"""Their places in a cell's numbers."""


@dataclass(frozen=True)
class Samples:
    """Cells of one stride that see a face with people's landmarks."""

    features: Array
    """(cells, inputs of the last layer's kernel), times stride / eyes: what each adds to a
    landmark's place, in distances of the eyes."""
    lacking: Array
    """(cells, 5, 2), from where the network places landmarks to the marks, in such distances."""
    weights: Array
    """(cells,), as a cell counts in the runtime's mean."""
    elsewhere: npt.NDArray[np.float64]
    """(inputs, inputs), the products of two inputs, summed over all cells of the scenes, whether
    they see a face or not. The last input is 1, so the last product counts the cells."""


def landmark_samples(network: keras.Model, scenes: Iterator[Scene]) -> dict[int, Samples]:
    """By stride, of those whose last layer is plain and that see a face."""
    strides = [stride for stride in STRIDES if not is_pair(network, stride)]
    inputs = [output_layer(network, stride).input for stride in strides]
    seeing = keras.Model(network.inputs[0], [Rows(dtype="float32")(network.outputs), *inputs])
    seeing.compile(jit_compile=False)
    sizes = [output_layer(network, stride).kernel.shape[0] for stride in strides]
    found = {stride: _Found([], [], [], 0.0) for stride in strides}
    while batch := list(itertools.islice(scenes, SCENES_AT_ONCE)):
        images = np.stack([one.image for one in batch])[..., np.newaxis].astype(np.float32)
        rows, *features = seeing.predict_on_batch(images)
        for number, one in enumerate(batch):
            counted = _counted(_likely(rows[number], images.shape[1]), one)
            for stride, size, seen in zip(strides, sizes, features, strict=True):
                found[stride].add(counted, _inputs(seen[number], size), stride)
    samples = {stride: one.joined() for stride, one in found.items()}
    return {stride: one for stride, one in samples.items() if len(one.weights)}


@dataclass
class _Found:
    """What was found so far for one stride."""

    features: list[Array]
    """Of each scene, as in `Samples`; so are the others."""
    lacking: list[Array]
    """Likewise."""
    weights: list[Array]
    """Likewise."""
    elsewhere: Any
    """The sum so far."""

    def add(self, counted: _Counted, inputs: Array, stride: int) -> None:
        """Take those of a scene."""
        here = counted.strides == stride
        columns, rows = counted.places[here].T
        eyes = counted.eyes[here][:, np.newaxis]
        self.features.append(inputs[rows, columns] * (stride / eyes))
        self.lacking.append(counted.away[here] / eyes[:, np.newaxis])
        self.weights.append(counted.weights[here])
        every = inputs.reshape(-1, inputs.shape[-1])
        self.elsewhere += (every.T @ every).astype(np.float64)

    def joined(self) -> Samples:
        """All of them."""
        return Samples(
            np.concatenate(self.features),
            np.concatenate(self.lacking),
            np.concatenate(self.weights),
            np.asarray(self.elsewhere),
        )


def _inputs(features: Array, size: int) -> Array:
    """(height, width, size * size * channels + 1): what a kernel sees of each cell, and 1."""
    height, width, _ = features.shape
    padded = np.pad(features, ((size // 2,) * 2, (size // 2,) * 2, (0, 0)))
    moved = [
        padded[down : down + height, right : right + width]
        for down in range(size)
        for right in range(size)
    ]
    return np.concatenate([*moved, np.ones((height, width, 1), np.float32)], axis=2)


@dataclass(frozen=True)
class _Cells:
    """Cells of all grids that score enough."""

    strides: npt.NDArray[np.int64]
    """(cells,), pixels."""
    places: npt.NDArray[np.int64]
    """(cells, 2), column and row in its grid."""
    scores: Array
    """(cells,), 0..1."""
    boxes: Array
    """(cells, 4): left, top, right, bottom in pixels of the scene."""
    landmarks: Array
    """(cells, 5, 2), likewise."""


@dataclass(frozen=True)
class _Counted:
    """Pairs of a cell and a marked face that it sees."""

    strides: npt.NDArray[np.int64]
    """(pairs,), pixels."""
    places: npt.NDArray[np.int64]
    """(pairs, 2), column and row."""
    away: Array
    """(pairs, 5, 2), pixels from the cell's landmarks to the marks."""
    eyes: Array
    """(pairs,), pixels between the face's eyes."""
    weights: Array
    """(pairs,); those of a face are 1 together."""


def _likely(numbers: Array, side: int) -> _Cells:
    """Decode (cells, CHANNELS) of all grids, as the runtime does; best first."""
    counts = [side // stride for stride in STRIDES]
    strides = np.repeat(STRIDES, [count**2 for count in counts])
    places = np.concatenate([np.mgrid[:n, :n][::-1].reshape(2, -1).T for n in counts])
    best = np.argsort(-numbers[:, 0], kind="stable")
    best = best[1 / (1 + np.exp(-numbers[best, 0])) >= LOWEST_SCORE]
    strides, places = strides[best], places[best]
    lengths = np.repeat(strides[:, np.newaxis], 2, axis=1)
    rows = np.concatenate([numbers[best], places + 0.5, lengths], axis=1).astype(np.float32)
    found = decoded(Cells(rows, len(rows)) if len(rows) else None, most=len(rows))
    return _Cells(strides, places, found.scores, found.boxes, found.landmarks)


def _counted(cells: _Cells, faces: Scene) -> _Counted:
    """The cells whose mean is a marked face's landmarks in the runtime."""
    known = faces.by_people & ~faces.ignored & ~np.isnan(faces.landmarks).any(axis=(1, 2))
    between = np.linalg.norm(faces.landmarks[:, 1] - faces.landmarks[:, 0], axis=1)
    known &= between >= LEAST_EYES_PIXELS
    pairs: list[tuple[int, int, float]] = []
    on_face = pairwise_iou(faces.boxes[known], cells.boxes) >= SAME_FACE_IOU
    for number, on in enumerate(on_face):
        if on.any():
            best = [int(np.argmax(np.where(on, cells.scores, 0)))]
            alike = np.flatnonzero(pairwise_iou(cells.boxes[best], cells.boxes)[0] >= MERGE_IOU)
            weights = cells.scores[alike] ** SCORE_POWER
            shares = (weights / weights.sum()).tolist()
            pairs += zip(alike.tolist(), itertools.repeat(number), shares, strict=False)
    table = np.array(pairs, np.float64).reshape(-1, 3)
    cell, face = table[:, 0].astype(np.int64), table[:, 1].astype(np.int64)
    truths = faces.landmarks[known][face]
    return _Counted(
        cells.strides[cell],
        cells.places[cell],
        truths - cells.landmarks[cell],
        np.linalg.norm(truths[:, 1] - truths[:, 0], axis=1).astype(np.float32),
        table[:, 2].astype(np.float32),
    )
