"""Corrects a teacher's landmark bias: its mouth corners, for example, are higher than people's."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from fer_edge.detectors.grid import Candidates
from train.detector.candidate_detectors import CandidateDetector
from train.detector.data.pictures import Picture

COMPARED_PICTURES = 400
"""How many pictures with landmarks by people it is compared on."""
COMPARED_SCORE_THRESHOLD = 0.6
SAME_FACE_EYE_DISTANCES = 0.5
"""How far two faces may lie apart, in their eyes' distance, to be the same."""

Points = npt.NDArray[np.float32]


class WithoutLandmarkBias:
    """A detector whose landmarks are moved by the median difference from people's landmarks.

    The difference is taken in each face's own axes, along the line between its eyes and across it,
    in units of their distance.
    """

    def __init__(self, detector: CandidateDetector, pictures: Sequence[Picture]) -> None:
        """Args:
        detector: what is to be moved.
        pictures: faces of which some have landmarks by people; without any nothing is moved.
        """
        self.detector = detector
        marked = [picture for picture in pictures if picture.by_people.any()]
        step = max(1, len(marked) // COMPARED_PICTURES)
        away = [row for picture in marked[::step] for row in _differences(picture, detector)]
        self.bias = np.median(away, axis=0) if away else np.zeros((5, 2))

    def find(self, image: npt.NDArray[np.uint8], score_threshold: float) -> Candidates:
        """In pixels of the picture, best first."""
        found = self.detector.find(image, score_threshold)
        moved = found.landmarks - self.bias @ _axes(found.landmarks)
        return dataclasses.replace(found, landmarks=moved.astype(np.float32))


def _axes(landmarks: Points) -> Points:
    """(faces, 2, 2): from the right to the left eye, and the same turned down."""
    along = landmarks[:, 1] - landmarks[:, 0]
    down = np.stack([-along[:, 1], along[:, 0]], axis=1)
    return np.stack([along, down], axis=1)


def _differences(picture: Picture, detector: CandidateDetector) -> list[Points]:
    """(5, 2) for each face that people marked and that is found, in its own axes."""
    found = detector.find(picture.image, COMPARED_SCORE_THRESHOLD).landmarks
    known = picture.by_people & ~np.isnan(picture.landmarks).any(axis=(1, 2))
    differences = []
    for truth in picture.landmarks[known]:
        if not len(found):
            break
        apart = np.linalg.norm((found - truth).mean(axis=1), axis=1)
        nearest = found[apart.argmin()][np.newaxis]
        if apart.min() < SAME_FACE_EYE_DISTANCES * np.linalg.norm(truth[1] - truth[0]):
            axes = _axes(nearest)[0]
            differences.append((nearest[0] - truth) @ np.linalg.inv(axes))
    return differences
