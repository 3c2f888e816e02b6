"""Average precision by the rules of COCO, at an overlap of one half, by the size of the face.

The evaluator is pycocotools'. A face's size is its shorter side. Faces below a bound are ignored:
they count neither when found nor when missed. So are boxes that the data marks as crowds.
"""

from __future__ import annotations

import contextlib
import io
import itertools
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from fer_edge.detectors.grid import Candidates
from train.detector.data.pictures import Picture

LEAST_FACE_SIDES_PIXELS = (16, 24, 40)
"""Pixels of the shorter side from which on faces count."""
MATCH_IOU_THRESHOLD = 0.5
MOST_DETECTIONS = 1000


def average_precision(pictures: Sequence[Picture], found: Sequence[Candidates]) -> dict[int, float]:
    """By the least size, 0..1.

    Args:
        pictures: with their faces.
        found: what was found in each, in pixels of the picture, down to low scores.
    """
    return {
        size: float(_precisions(pictures, found, size).mean()) for size in LEAST_FACE_SIDES_PIXELS
    }


def precision_over_recall(
    pictures: Sequence[Picture], found: Sequence[Candidates], size: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The curve for faces from a size on: recall from 0 to 1, and COCO's precision there."""
    precisions = _precisions(pictures, found, size)
    return np.linspace(0, 1, len(precisions)), precisions


def _precisions(
    pictures: Sequence[Picture], found: Sequence[Candidates], size: int
) -> npt.NDArray[np.float64]:
    """(101,), at the recalls 0, 0.01, … 1; zeros where there is no face."""
    truth = _table([_faces(number, one) for number, one in enumerate(pictures)])
    said = _table([_answers(number, one) for number, one in enumerate(found)])
    rules = COCOeval(truth, said, "bbox")
    rules.params.iouThrs = np.array([MATCH_IOU_THRESHOLD])
    rules.params.maxDets = [MOST_DETECTIONS]
    # What pycocotools calls area is the square of the shorter side here.
    rules.params.areaRng = [[size**2, 1e10]]
    rules.params.areaRngLbl = [str(size)]
    with contextlib.redirect_stdout(io.StringIO()):
        rules.evaluate()
        rules.accumulate()
    return np.maximum(np.asarray(rules.eval["precision"][0, :, 0, 0, 0], np.float64), 0)


def _table(rows: list[list[dict[str, object]]]) -> COCO:
    """The rows of each picture."""
    table = COCO()
    table.dataset = {
        "images": [{"id": number} for number in range(len(rows))],
        "annotations": [
            {"id": number, **row} for number, row in enumerate(itertools.chain(*rows), start=1)
        ],
        "categories": [{"id": 1}],
    }
    with contextlib.redirect_stdout(io.StringIO()):
        table.createIndex()
    return table


def _row(number: int, box: npt.NDArray[np.float32]) -> dict[str, object]:
    left, top, right, bottom = (float(side) for side in box)
    shorter = min(right - left, bottom - top)
    return {
        "image_id": number,
        "category_id": 1,
        "bbox": [left, top, right - left, bottom - top],
        "area": shorter**2,
    }


def _faces(number: int, picture: Picture) -> list[dict[str, object]]:
    pairs = zip(picture.boxes, picture.ignored, strict=True)
    return [{**_row(number, box), "iscrowd": int(ignored)} for box, ignored in pairs]


def _answers(number: int, found: Candidates) -> list[dict[str, object]]:
    pairs = zip(found.boxes, found.scores, strict=True)
    return [{**_row(number, box), "score": float(score)} for box, score in pairs]
