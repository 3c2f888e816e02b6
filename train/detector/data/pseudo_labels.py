"""Pseudo-labels: faces that nobody marked, found by a larger detector in the pictures at several
sizes.

At twice their size it finds more than at the size at which they were marked. If it is sure, a face
is added; if not, the place is ignored. YuNet's boxes get taller the larger a face is: 1.29 times
their width at 50 pixels, 1.33 at 180 and 1.38 at 270. So each face has the box and landmarks of the
size in which it is nearest to one that YuNet knows well.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from fer_edge.detectors.grid import Candidates, pairwise_iou
from train.detector.candidate_detectors import CandidateDetector
from train.detector.data.pictures import Picture

SURE_SCORE, UNSURE_SCORE = 0.6, 0.3
"""Scores from which on a face is added, and from which on its place is ignored."""
SAME_FACE_IOU = 0.3
"""Intersection over union from which on two boxes are of one face."""
TEACHER_SCALES = (2.0, 1.0, 0.5)
"""How much larger the teacher sees the pictures."""
KNOWN_FACE_PIXELS = 80.0
"""Pixels of the longer side of the faces that the teacher boxes best."""
SAME_ANSWER_IOU = 0.5
"""Intersection over union from which on answers at two sizes are of one face."""
CROP_BORDER_PIXELS = 24
"""Pixels that are added to each side of a crop, so that the teacher sees all of the face."""


def with_unmarked_faces(pictures: Sequence[Picture], teacher: CandidateDetector) -> list[Picture]:
    """The pictures with the missing faces added, and with all boxes drawn in the same way.

    People who mark do not agree on what belongs to a face: one source's boxes begin at the brows,
    another's at the hair. Faces that the teacher is sure of get its box. The others of a
    source are moved by the median difference between its boxes and the teacher's. A marked box that
    is to be ignored becomes a face where the teacher is sure now. The teacher does not search
    pictures that surely show no face: a face that it found there would be a false one.
    """
    found = [
        None if picture.is_faceless else _asked(teacher, picture.image) for picture in pictures
    ]
    matched = [
        _matched(picture, answer) if answer else None
        for picture, answer in zip(pictures, found, strict=True)
    ]
    shifts = _shifts(pictures, matched)
    return [
        _completed(_reframed(picture, same, shifts[picture.source]), answer)
        if answer and same
        else picture
        for picture, answer, same in zip(pictures, found, matched, strict=True)
    ]


def marked_crops(images: npt.NDArray[np.uint8], teacher: CandidateDetector) -> list[Picture]:
    """Faces that were cut out, as pictures of one face each.

    The faces that the teacher is not sure of are the most useful ones: turned away, bowed, behind
    hands. All were cut out in the same way. So these get the median box of the others, and no
    landmarks.

    Args:
        images: (faces, height, width), grey.
        teacher: says where in them the face and its landmarks are.
    """
    found = [_best(np.pad(image, CROP_BORDER_PIXELS, mode="edge"), teacher) for image in images]
    sure = [box for box, _ in filter(None, found)]
    if not sure:
        return []
    usual = np.median(sure, axis=0), np.full((5, 2), np.nan)
    return [
        Picture(
            name=f"crop {number}",
            source="crops",
            image=image,
            boxes=np.array([box - CROP_BORDER_PIXELS], np.float32),
            landmarks=np.array([landmarks - CROP_BORDER_PIXELS], np.float32),
            by_people=np.zeros(1, bool),
            ignored=np.zeros(1, bool),
        )
        for number, image in enumerate(images)
        for box, landmarks in [found[number] or usual]
    ]


def _best(
    image: npt.NDArray[np.uint8], teacher: CandidateDetector
) -> tuple[npt.NDArray[np.floating], npt.NDArray[np.floating]] | None:
    """Box and landmarks of the face that the teacher is surest of, if it is sure."""
    found = _asked(teacher, image)
    is_sure = len(found.scores) > 0 and found.scores[0] >= SURE_SCORE
    return (found.boxes[0], found.landmarks[0]) if is_sure else None


def _matched(picture: Picture, answer: Candidates) -> Candidates:
    """For each marked face the one that the teacher is sure of and that lies best, or NaN."""
    faces = len(picture.boxes)
    same = Candidates(
        np.full(faces, np.nan, np.float32),
        np.full((faces, 4), np.nan, np.float32),
        np.full((faces, 5, 2), np.nan, np.float32),
    )
    sure = answer.take(np.flatnonzero(answer.scores >= SURE_SCORE))
    if len(sure.scores):
        shared = pairwise_iou(picture.boxes, sure.boxes)
        here = np.flatnonzero((shared.max(axis=1) >= SAME_FACE_IOU) & ~picture.ignored)
        best = sure.take(shared[here].argmax(axis=1))
        same.scores[here], same.boxes[here], same.landmarks[here] = (
            best.scores,
            best.boxes,
            best.landmarks,
        )
    return same


def _shifts(
    pictures: Sequence[Picture], matched: Sequence[Candidates | None]
) -> dict[str, npt.NDArray[np.float32]]:
    """By source, how far each side of its boxes is from the teacher's, as a share of their size."""
    away = defaultdict(list)
    for picture, same in zip(pictures, matched, strict=True):
        if same:
            away[picture.source].append((same.boxes - picture.boxes) / _sizes(picture.boxes))
    sources = {source: np.concatenate(some) for source, some in away.items()}
    return {
        source: np.nanmedian(some, axis=0).astype(np.float32)
        if np.isfinite(some).any()
        else np.zeros(4, np.float32)
        for source, some in sources.items()
    }


def _reframed(picture: Picture, same: Candidates, shift: npt.NDArray[np.float32]) -> Picture:
    """With boxes like the teacher's, and with its landmarks where people marked none. Another
    detector's landmarks disagree with it about masked mouths.
    """
    moved = picture.boxes + shift * _sizes(picture.boxes)
    by_people = picture.by_people[:, np.newaxis, np.newaxis]
    return dataclasses.replace(
        picture,
        boxes=np.where(np.isnan(same.boxes), moved, same.boxes),
        landmarks=np.where(by_people, picture.landmarks, same.landmarks),
    )


def _sizes(boxes: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The roots of their areas, (faces, 1)."""
    areas = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1, keepdims=True)
    return np.asarray(np.sqrt(areas), np.float32)


def _completed(picture: Picture, answer: Candidates) -> Picture:
    shared = pairwise_iou(answer.boxes, picture.boxes)
    is_marked = (shared[:, ~picture.ignored] >= SAME_FACE_IOU).any(axis=1)
    new, sure = ~is_marked, answer.scores >= SURE_SCORE
    # An ignored place becomes the teacher's face if the teacher is sure of one.
    replaced = picture.ignored & (shared[new & sure] >= SAME_FACE_IOU).any(axis=0)
    kept = ~replaced
    return dataclasses.replace(
        picture,
        boxes=np.concatenate([picture.boxes[kept], answer.boxes[new]]),
        landmarks=np.concatenate([picture.landmarks[kept], answer.landmarks[new]]),
        by_people=np.concatenate([picture.by_people[kept], np.zeros(int(new.sum()), bool)]),
        ignored=np.concatenate([picture.ignored[kept], ~sure[new]]),
    )


def _asked(teacher: CandidateDetector, image: npt.NDArray[np.uint8]) -> Candidates:
    """Best first, in pixels of the picture."""
    several = [_asked_at(teacher, image, scale) for scale in TEACHER_SCALES]
    found = Candidates(
        np.concatenate([one.scores for one in several]),
        np.concatenate([one.boxes for one in several]),
        np.concatenate([one.landmarks for one in several]),
    )
    scales = np.repeat(TEACHER_SCALES, [len(one.scores) for one in several])
    seen = scales * (found.boxes[:, 2:] - found.boxes[:, :2]).max(axis=1, initial=1e-3)
    left = np.argsort(np.abs(np.log(seen / KNOWN_FACE_PIXELS)), kind="stable")
    chosen, scores = [], []
    while len(left):
        same = pairwise_iou(found.boxes[left[:1]], found.boxes[left])[0] >= SAME_ANSWER_IOU
        same[0] = True
        chosen.append(left[0])
        # It may be surest of a face at another size.
        scores.append(found.scores[left[same]].max())
        left = left[~same]
    best = found.take(np.array(chosen, np.int64))
    best = dataclasses.replace(best, scores=np.array(scores, np.float32))
    return best.take(np.argsort(-best.scores, kind="stable"))


def _asked_at(teacher: CandidateDetector, image: npt.NDArray[np.uint8], scale: float) -> Candidates:
    way = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    seen = cv2.resize(image, None, fx=scale, fy=scale, interpolation=way)
    found = teacher.find(np.asarray(seen, np.uint8), UNSURE_SCORE)
    factor = np.float32(scale)
    return Candidates(found.scores, found.boxes / factor, found.landmarks / factor)
