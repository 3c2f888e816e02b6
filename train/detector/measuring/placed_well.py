"""Measures how exact found boxes are, and whether leaning faces are found."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fer_edge.detectors.grid import pairwise_iou
from train.detector.candidate_detectors import CandidateDetector, candidates_at
from train.detector.data.pictures import Picture, is_portrait
from train.detector.scenes.placed import drawn, placing

LEAST_FACE_SIDE_PIXELS = 16
"""Pixels of the shorter side from which on a marked box counts."""
WELL_PLACED_IOU = 0.5
LEAN_DEGREES = (-60.0, 60.0)
"""How far portraits are turned, clockwise."""


def box_agreement(
    detector: CandidateDetector, pictures: Sequence[Picture], side: int, threshold: float
) -> dict[str, float]:
    """Of the found boxes whose centre lies in a marked one: how they agree with that.

    Returns:
        `faces`; `well_placed`, the share with an intersection over union of WELL_PLACED_IOU or
        more; `width` and `height`, the median ratios of found and marked.
    """
    shared, ratios = [], []
    for picture in pictures:
        sides = picture.boxes[:, 2:] - picture.boxes[:, :2]
        marked = picture.boxes[~picture.ignored & (sides.min(axis=1) >= LEAST_FACE_SIDE_PIXELS)]
        for box in candidates_at(detector, picture.image, side, threshold).boxes:
            centre = (box[:2] + box[2:]) / 2
            around = marked[((marked[:, :2] <= centre) & (centre <= marked[:, 2:])).all(axis=1)]
            if len(around):
                every = pairwise_iou(box[np.newaxis], around)[0]
                best = around[every.argmax()]
                shared.append(every.max())
                ratios.append((box[2:] - box[:2]) / (best[2:] - best[:2]))
    if not shared:
        return {"faces": 0}
    width, height = np.median(ratios, axis=0).tolist()
    return {
        "faces": len(shared),
        "well_placed": round(float((np.array(shared) >= WELL_PLACED_IOU).mean()), 4),
        "width": round(width, 3),
        "height": round(height, 3),
    }


def leaning_found(
    detector: CandidateDetector, pictures: Sequence[Picture], side: int, threshold: float
) -> dict[str, float]:
    """The share of portraits' faces that are found, by how far the picture is turned (degrees).

    A face counts as found where a box's centre lies within half of its size from its own.
    """
    portraits = [picture for picture in pictures if is_portrait(picture)]
    return {
        f"{lean:+.0f}": round(
            float(np.mean([_is_found(detector, one, lean, side, threshold) for one in portraits])),
            4,
        )
        for lean in LEAN_DEGREES
        if portraits
    }


def _is_found(
    detector: CandidateDetector, portrait: Picture, lean: float, side: int, threshold: float
) -> bool:
    box = portrait.boxes[0].astype(np.float64)
    size = (portrait.image.shape[1], portrait.image.shape[0])
    onto = np.array(size) / 2
    matrix = placing(1.0, np.radians(lean), False, around=(box[:2] + box[2:]) / 2, onto=onto)
    turned = drawn(portrait.image, matrix, 1.0, size)
    found = candidates_at(detector, turned, side, threshold).boxes
    away = np.linalg.norm((found[:, :2] + found[:, 2:]) / 2 - onto, axis=1)
    return bool((away < 0.5 * (box[2:] - box[:2]).max()).any())
