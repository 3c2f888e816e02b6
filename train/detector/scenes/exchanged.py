"""Other faces on the heads of a scene: bowed, turned and covered ones are rare on whole heads."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from train.detector.data.pictures import Picture
from train.detector.scenes.pasted import blend
from train.detector.scenes.placed import Scene, drawn, moved, placing

EXCHANGED_FACE_SHARE = 0.3
"""The share of faces that get another one."""
LARGEST_CROP_SCALE = 2.0
"""Cut-out faces are small; enlarged further they are only blurred."""
REACH_BOX_SIDES = 0.56
"""How far from the middle of the box the new face goes, in its longer side."""
LEAN_DEVIATION_DEGREES = 10.0
"""The spread of the angles at which they are put on, in degrees."""


def exchange_some(faces: Scene, crops: Sequence[Picture], random: np.random.Generator) -> Scene:
    """Draw cut-out faces over some of the scene's, as large and as light as those were.

    Args:
        faces: the scene; its image is drawn into.
        crops: pictures of one face each; without any the scene stays as it is.
        random: decides.

    Returns:
        With the same boxes and the landmarks of the new faces.
    """
    landmarks, by_people = faces.landmarks.copy(), faces.by_people.copy()
    for place in np.flatnonzero(~faces.ignored) if len(crops) else ():
        if random.random() < EXCHANGED_FACE_SHARE:
            crop = crops[int(random.integers(len(crops)))]
            marks = _exchange(faces.image, faces.boxes[place], crop, random)
            if marks is not None:
                landmarks[place], by_people[place] = marks, crop.by_people[0]
    return dataclasses.replace(faces, landmarks=landmarks, by_people=by_people)


def _exchange(
    image: npt.NDArray[np.uint8],
    box: npt.NDArray[np.float32],
    crop: Picture,
    random: np.random.Generator,
) -> npt.NDArray[np.float32] | None:
    """The new face's landmarks, (5, 2), or None where it would reach outside or be a blur."""
    longer, own = (float((some[2:] - some[:2]).max()) for some in (box, crop.boxes[0]))
    scale, cut = longer / own, round(2 * REACH_BOX_SIDES * longer)
    corner = np.rint((box[:2] + box[2:]) / 2 - cut / 2).astype(np.int64)
    outside = (corner < 0).any() or (corner + cut > image.shape[::-1]).any()
    if outside or scale > LARGEST_CROP_SCALE or cut < 8:
        return None
    mirror, turn = random.random() < 0.5, np.radians(random.normal(0, LEAN_DEVIATION_DEGREES))
    middle = (crop.boxes[0, :2] + crop.boxes[0, 2:]) / 2
    onto = (box[:2] + box[2:]) / 2 - corner
    matrix = placing(scale, turn, mirror, around=middle, onto=onto)
    face = drawn(crop.image, matrix, scale, (cut, cut))
    left, top = corner.tolist()
    before = image[top : top + cut, left : left + cut]
    blend(image, _as_light(face, before), corner, oval=True)
    return np.asarray(moved(crop, matrix, corner, mirror, (cut, cut)).landmarks[0], np.float32)


def _as_light(face: npt.NDArray[np.uint8], before: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """With the mean and the contrast of what was there."""
    gain = np.clip(before.std() / max(face.std(), 1.0), 0.4, 2.5)
    lit = (face - face.mean()) * gain + before.mean()
    return np.asarray(np.clip(lit, 0, 255), np.uint8)
