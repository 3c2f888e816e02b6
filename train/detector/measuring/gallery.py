"""A detector to look at: precision over recall, and what it finds in some pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from fer_edge.detectors.grid import Candidates
from train.detector.candidate_detectors import CandidateDetector, candidates_at
from train.detector.data.pictures import DETECTION_SIDE_PIXELS, Picture
from train.detector.measuring.average_precision import (
    LEAST_FACE_SIDES_PIXELS,
    precision_over_recall,
)
from train.run.files import replacing

SHOWN_PICTURES, TILE_COLUMNS = 12, 4
TILE_SIDE_PIXELS = 320
FOUND_COLOUR, TRUE_COLOUR, IGNORED_COLOUR = (90, 220, 60), (60, 60, 230), (160, 160, 160)
"""Blue, green, red."""


def write_pictures(
    detector: CandidateDetector, pictures: Sequence[Picture], threshold: float, folder: Path
) -> None:
    """`precision-recall.png`, and `found.jpg`, which shows the dataset's pictures.

    Raises:
        RunError: the folder cannot be written to.
    """
    found = [candidates_at(detector, one.image, DETECTION_SIDE_PIXELS) for one in pictures]
    figure = Figure(figsize=(6, 4.5), layout="constrained")
    axes = figure.subplots()
    for size in LEAST_FACE_SIDES_PIXELS:
        recall, precision = precision_over_recall(pictures, found, size)
        axes.plot(recall, precision, label=f"faces from {size} px on")
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.02)
    axes.set_xlabel("recall")
    axes.set_ylabel("precision")
    axes.grid(alpha=0.3)
    axes.legend(loc="lower left")
    with replacing(folder / "precision-recall.png") as draft:
        figure.savefig(draft, dpi=110)

    step = max(1, len(pictures) // SHOWN_PICTURES)
    pairs = list(zip(pictures, found, strict=True))[::step][:SHOWN_PICTURES]
    tiles = [_drawn(picture, one, threshold) for picture, one in pairs]
    # The rest of the last row is black.
    black = np.zeros((TILE_SIDE_PIXELS, TILE_SIDE_PIXELS, 3), np.uint8)
    tiles += [black] * (-len(tiles) % TILE_COLUMNS)
    rows = [
        np.hstack(tiles[start : start + TILE_COLUMNS])
        for start in range(0, len(tiles), TILE_COLUMNS)
    ]
    _, data = cv2.imencode(".jpg", np.vstack(rows))
    with replacing(folder / "found.jpg") as draft:
        draft.write_bytes(data.tobytes())


def _drawn(picture: Picture, found: Candidates, threshold: float) -> npt.NDArray[np.uint8]:
    canvas = cv2.cvtColor(picture.image, cv2.COLOR_GRAY2BGR)
    for box, ignored in zip(picture.boxes, picture.ignored, strict=True):
        _box(canvas, box, IGNORED_COLOUR if ignored else TRUE_COLOUR)
    for score, box, landmarks in zip(found.scores, found.boxes, found.landmarks, strict=True):
        if score >= threshold:
            _box(canvas, box, FOUND_COLOUR)
            for x, y in landmarks:
                cv2.circle(canvas, (round(float(x)), round(float(y))), 1, FOUND_COLOUR, -1)
    scale = TILE_SIDE_PIXELS / max(canvas.shape[:2])
    small = cv2.resize(canvas, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    lacking = [TILE_SIDE_PIXELS - side for side in small.shape[:2]]
    tile = cv2.copyMakeBorder(small, 0, lacking[0], 0, lacking[1], cv2.BORDER_CONSTANT)
    return np.asarray(tile, np.uint8)


def _box(canvas: object, box: npt.NDArray[np.float32], colour: tuple[int, int, int]) -> None:
    left, top, right, bottom = (round(float(side)) for side in box)
    cv2.rectangle(canvas, (left, top), (right, bottom), colour, 1)  # type: ignore[call-overload]
