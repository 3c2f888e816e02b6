"""Landmarks of a detector that places them better than YuNet does.

It sees each face alone, at the size in which its landmarks are the most exact, and once more
mirrored. Their mean is more exact than what it says of a whole picture.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from fer_edge.detectors.grid import pairwise_iou
from train.detector.candidate_detectors import CandidateDetector
from train.detector.data.pictures import Picture
from train.detector.scenes.placed import MIRRORED_LANDMARKS

SEEN_FACE_PIXELS, SEEN_SIDE_PIXELS = 100.0, 224
"""The longer side of the face as it is seen, and the side of the square around it. Faces of 60, 80,
100 and 130 pixels were tried with the separable detector that taught `face-detector`. Its landmarks
were off by 7.9, 7.1, 6.9 and 7.1 % of the eyes' distance on the selection half's portraits."""
LEAST_FACE_PIXELS = 12.0
"""Smaller faces keep their landmarks: enlarged so much, they show none."""
LEAST_SCORE, SAME_FACE_IOU = 0.3, 0.4
"""What it is not so sure of, or finds elsewhere, is not believed."""

Points = npt.NDArray[np.float32]


def with_landmarks_of(
    teacher: CandidateDetector, pictures: Sequence[Picture]
) -> tuple[list[Picture], int]:
    """The pictures with the teacher's landmarks, where it finds the face.

    Those that people marked are moved half of the way to them: that halves people's chance errors.

    Returns:
        The pictures, and for how many faces it has given landmarks.
    """
    taught, given = [], 0
    for picture in pictures:
        landmarks = picture.landmarks.copy()
        for face in np.flatnonzero(~picture.ignored):
            told = _told(teacher, picture.image, picture.boxes[face])
            if told is None:
                continue
            given += 1
            marked = picture.by_people[face] and not np.isnan(landmarks[face]).any()
            landmarks[face] = (landmarks[face] + told) / 2 if marked else told
        taught.append(dataclasses.replace(picture, landmarks=landmarks))
    return taught, given


def _told(teacher: CandidateDetector, image: npt.NDArray[np.uint8], box: Points) -> Points | None:
    """(5, 2) in pixels of the picture, or None if the face is not found twice."""
    side = float((box[2:] - box[:2]).max())
    if side < LEAST_FACE_PIXELS:
        return None
    corner, around = _square(image, box, round(side * SEEN_SIDE_PIXELS / SEEN_FACE_PIXELS))
    factor = SEEN_SIDE_PIXELS / len(around)
    way = cv2.INTER_CUBIC if factor > 1 else cv2.INTER_AREA
    seen = cv2.resize(around, (SEEN_SIDE_PIXELS, SEEN_SIDE_PIXELS), interpolation=way)
    wanted = ((box.reshape(2, 2) - corner) * factor).astype(np.float32)
    straight = _found(teacher, np.asarray(seen, np.uint8), wanted)
    wanted[:, 0] = SEEN_SIDE_PIXELS - wanted[::-1, 0]
    turned = _found(teacher, np.ascontiguousarray(seen[:, ::-1], np.uint8), wanted)
    if straight is None or turned is None:
        return None
    back = turned[list(MIRRORED_LANDMARKS)]
    back[:, 0] = SEEN_SIDE_PIXELS - back[:, 0]
    return np.asarray((straight + back) / 2 / factor + corner, np.float32)


def _square(
    image: npt.NDArray[np.uint8], box: Points, side: int
) -> tuple[Points, npt.NDArray[np.uint8]]:
    """A square around a face, and its corner in the picture, whose edges go on beyond it."""
    left, top = np.round((box[:2] + box[2:] - side) / 2).astype(int).tolist()
    height, width = image.shape
    rows = np.clip(np.arange(top, top + side), 0, height - 1)
    columns = np.clip(np.arange(left, left + side), 0, width - 1)
    return np.array([left, top], np.float32), image[np.ix_(rows, columns)]


def _found(
    teacher: CandidateDetector, seen: npt.NDArray[np.uint8], wanted: Points
) -> Points | None:
    found = teacher.find(seen, LEAST_SCORE)
    if not len(found.scores):
        return None
    shared = pairwise_iou(wanted.reshape(1, 4), found.boxes)[0]
    nearest = int(shared.argmax())
    return found.landmarks[nearest] if shared[nearest] >= SAME_FACE_IOU else None
