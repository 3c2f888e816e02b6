"""Measures whether faces that are turned to the side are found.

Nobody marked how far the faces of WIDER FACE are turned. YuNet's landmarks tell it: the nose of a
turned face lies nearer to one eye.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from fer_edge.detectors.grid import pairwise_iou
from train.detector.candidate_detectors import CandidateDetector, candidates_at
from train.detector.data.hard_faces import nose_offsets
from train.detector.data.pictures import Picture

LEAST_FACE_SIDE_PIXELS = 24
"""Pixels of a marked box's shorter side, in the picture, from which on the face counts."""
SAME_FACE_IOU = 0.5
"""The intersection over union from which on two boxes are of one face."""
REFERENCE_SIDE_PIXELS, REFERENCE_SCORE = 832, 0.6
"""YuNet looks at pictures of this longer side, and its faces count from this score on."""
NOSE_OFFSETS = (0.0, 0.15, 0.35, 0.7, np.inf)
"""The bounds of the groups, in distances of the eyes. If noses stand out by 0.6 of
that distance, offsets of 0.15, 0.35 and 0.7 are turns of about 15, 30 and 50 degrees."""


def turned_found(
    detector: CandidateDetector,
    reference: CandidateDetector,
    pictures: Sequence[Picture],
    side: int,
    threshold: float,
) -> dict[str, dict[str, float]]:
    """The share of faces that are found, by how far they are turned.

    Args:
        detector: the one that is measured.
        reference: tells how far a face is turned. It finds only a part of the turned ones, and the
            shares are of these.
        pictures: as people marked them.
        side: pixels of the longer side that pictures are searched in.
        threshold: the detector's score from which on a face is found.

    Returns:
        By the nose's offset in distances of the eyes, such as "0.15 to 0.35": `faces`, and `found`,
        0..1, unless there is none.
    """
    offsets, hits = [], []
    for picture in pictures:
        sides = (picture.boxes[:, 2:] - picture.boxes[:, :2]).min(axis=1)
        marked = picture.boxes[~picture.ignored & (sides >= LEAST_FACE_SIDE_PIXELS)]
        if not len(marked):
            continue
        told = candidates_at(reference, picture.image, REFERENCE_SIDE_PIXELS, REFERENCE_SCORE)
        nearest, is_told = _nearest(marked, told.boxes)
        found = candidates_at(detector, picture.image, side, threshold)
        _, is_found = _nearest(marked[is_told], found.boxes)
        offsets.append(np.abs(nose_offsets(told.landmarks[nearest[is_told]])))
        hits.append(is_found)
    every, found_ones = np.concatenate([*offsets, []]), np.concatenate([*hits, []])
    groups: dict[str, dict[str, float]] = {}
    for low, high in itertools.pairwise(NOSE_OFFSETS):
        group = found_ones[(low <= every) & (every < high)]
        name = f"from {low:g}" if high == np.inf else f"{low:g} to {high:g}"
        groups[name] = {"faces": len(group)}
        if len(group):
            groups[name]["found"] = round(float(group.mean()), 4)
    return groups


def _nearest(
    marked: npt.NDArray[np.float32], boxes: npt.NDArray[np.float32]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """For each marked box the other one that overlaps it most, and whether it is of one face."""
    if not len(boxes) or not len(marked):
        return np.zeros(len(marked), np.int64), np.zeros(len(marked), np.bool_)
    every = pairwise_iou(marked, boxes)
    return every.argmax(axis=1), every.max(axis=1) >= SAME_FACE_IOU
