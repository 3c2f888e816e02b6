"""Figures of a detector: precision, false faces, landmarks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from train.detector.candidate_detectors import CandidateDetector, candidates_at
from train.detector.data.pictures import DETECTION_SIDE_PIXELS, Picture
from train.detector.measuring.average_precision import average_precision
from train.detector.measuring.placed_well import box_agreement, leaning_found

PICTURE_SIDES_PIXELS = (DETECTION_SIDE_PIXELS, 320, 160)
"""Pixels of the longer side that average precision is measured at."""
LEANING_SIDE_PIXELS = 320
"""Likewise for leaning portraits."""


def measure(
    detector: CandidateDetector,
    val: Sequence[Picture],
    held_out: Sequence[Picture],
    threshold: float,
) -> dict[str, Any]:
    """Average precision, false faces by picture, and the landmarks' mean error.

    Each picture gets one look, while the threshold was chosen with all looks of the runtime.

    Args:
        detector: gives candidates down to low scores.
        val: pictures for the average precision, by side and size.
        held_out: pictures that no training saw, for the rest.
        threshold: the score from which on a face counts as found in these.

    Returns:
        By name; the landmarks' error is a share of the distance between the eyes.
    """
    precision = {
        str(side): average_precision(val, [candidates_at(detector, one.image, side) for one in val])
        for side in PICTURE_SIDES_PIXELS
    }
    empty = [picture for picture in held_out if picture.is_faceless]
    side = DETECTION_SIDE_PIXELS
    false_faces = [len(candidates_at(detector, one.image, side, threshold).scores) for one in empty]
    errors = np.concatenate(
        [
            _landmark_errors(detector, one, threshold)
            for one in held_out
            if one.source == "portraits"
        ]
        or [np.empty(0)]
    )
    return {
        "average_precision": {
            side: {str(size): round(value, 4) for size, value in sizes.items()}
            for side, sizes in precision.items()
        },
        "false_faces_a_picture": round(float(np.mean(false_faces)), 4) if empty else None,
        "pictures_without_faces": len(empty),
        "landmark_error": round(float(errors.mean()), 4) if len(errors) else None,
        "portraits": len(errors),
        "boxes": box_agreement(detector, val, side, threshold),
        "leaning_found": leaning_found(detector, held_out, LEANING_SIDE_PIXELS, threshold),
    }


def _landmark_errors(detector: CandidateDetector, picture: Picture, threshold: float) -> Any:
    """(faces found,), mean distance of the five points, as a share of the eyes' distance."""
    found = candidates_at(detector, picture.image, DETECTION_SIDE_PIXELS, threshold)
    errors = []
    for box, truth, by_people in zip(
        picture.boxes, picture.landmarks, picture.by_people, strict=True
    ):
        if not by_people or np.isnan(truth).any() or not len(found.scores):
            continue
        middle = (box[:2] + box[2:]) / 2
        centres = (found.boxes[:, :2] + found.boxes[:, 2:]) / 2
        nearest = int(np.linalg.norm(centres - middle, axis=1).argmin())
        if np.linalg.norm(centres[nearest] - middle) < 0.5 * (box[2] - box[0]):
            away = np.linalg.norm(found.landmarks[nearest] - truth, axis=1).mean()
            errors.append(away / np.linalg.norm(truth[0] - truth[1]))
    return np.array(errors)
