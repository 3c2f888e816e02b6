"""Small faces and distractors pasted into a scene, and things held in front of faces."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from train.detector.data.pictures import Picture, touches
from train.detector.data.training_set import Cutouts
from train.detector.scenes.distractors import distractor, texture
from train.detector.scenes.placed import Scene, drawn, joined, moved, placing

MOST_PASTED = 7
"""Things pasted into one scene."""
FACE_SIDES_PIXELS = (10.0, 72.0)
"""Pixels of a pasted face's longer side, drawn evenly over their logarithms."""
DISTRACTOR_SIDES_PIXELS = (12.0, 180.0)
CROP_SHARE = 0.65
"""Of the pasted faces, the share that comes from crops, where there are any."""
REACH_BOX_SIDES, CROP_REACH_BOX_SIDES = (0.6, 1.0), (0.5, 0.6)
"""How far from the middle of a face's box it is cut out, in the box's longer side. Crops end there.
"""
OVAL_SHARE = 0.7
"""Of those, the share that is pasted without what is around the face."""
LEAN_DEVIATION_DEGREES = 12.0
"""The spread of the angles at which faces are pasted, in degrees."""
DISTRACTOR_SHARE = 0.4
"""The share of pasted things that are no faces."""
COVERED_FACE_SHARE = 0.15
"""The share of faces that something is held in front of."""
COVERED_BOX_SHARES = (0.2, 0.5)
"""Of the face's box, along the axis that it is covered from."""


def with_pasted(
    faces: Scene,
    pictures: Sequence[Picture],
    cutouts: Cutouts,
    random: np.random.Generator,
) -> Scene:
    """Some things where no face is, drawn into the scene's own image.

    Args:
        faces: the scene as it is.
        pictures: whose faces are pasted with a little around them.
        cutouts: what else is pasted; may be empty.
        random: decides.
    """
    parts = [faces]
    for _ in range(int(random.integers(1, MOST_PASTED + 1))):
        taken = np.concatenate([part.boxes for part in parts])
        if random.random() < DISTRACTOR_SHARE:
            _paste_distractor(faces.image, taken, pictures, cutouts.mistakes, random)
            continue
        of_crops = len(cutouts.faces) > 0 and random.random() < CROP_SHARE
        several = cutouts.faces if of_crops else pictures
        picture = several[int(random.integers(len(several)))]
        parts.extend(_pasted_face(faces.image, taken, picture, not of_crops, random))
    return joined(faces.image, parts)


def cover_some(faces: Scene, pictures: Sequence[Picture], random: np.random.Generator) -> None:
    """Draw parts of pictures over parts of some faces; they are still to be found."""
    for left, top, right, bottom in faces.boxes[~faces.ignored]:
        if random.random() >= COVERED_FACE_SHARE:
            continue
        wider = 0.1 * (right - left)
        box = np.array([left - wider, top - wider, right + wider, bottom + wider])
        left, top, right, bottom = _side_of(box, random)
        low = np.clip(np.rint([left, top]).astype(int), 0, faces.image.shape[0])
        high = np.clip(np.rint([right, bottom]).astype(int), 0, faces.image.shape[0])
        width, height = (high - low).tolist()
        if min(width, height) < 2:
            continue
        cover = texture(pictures, (width, height), random)
        blend(faces.image, cover, low, oval=random.random() < 0.5)


def _side_of(
    box: npt.NDArray[np.floating], random: np.random.Generator
) -> npt.NDArray[np.floating]:
    """A strip along one of its four sides."""
    side = int(random.integers(4))
    opposite, share = (side + 2) % 4, random.uniform(*COVERED_BOX_SHARES)
    strip = box.copy()
    strip[opposite] = box[side] + share * (box[opposite] - box[side])
    return strip


def _paste_distractor(
    canvas: npt.NDArray[np.uint8],
    taken: npt.NDArray[np.float32],
    pictures: Sequence[Picture],
    mistakes: Sequence[npt.NDArray[np.uint8]],
    random: np.random.Generator,
) -> None:
    patch = distractor(pictures, mistakes, round(_drawn(DISTRACTOR_SIDES_PIXELS, random)), random)
    corner = _free_place(canvas, taken, (patch.shape[0], patch.shape[1]), random)
    if corner is not None:
        blend(canvas, patch, corner, oval=random.random() < 0.5)


def _pasted_face(
    canvas: npt.NDArray[np.uint8],
    taken: npt.NDArray[np.float32],
    picture: Picture,
    whole: bool,
    random: np.random.Generator,
) -> list[Scene]:
    """Its place, or nothing where there is no room or no face.

    Args:
        canvas: is drawn into.
        taken: (faces, 4), the boxes that are there.
        picture: what a face is taken from.
        whole: whether more of the picture is known than the face.
        random: decides.
    """
    oval = not whole and random.random() < OVAL_SHARE
    usable = np.flatnonzero(~picture.ignored)
    if not len(usable):
        return []
    box = picture.boxes[int(random.choice(usable))]
    longer = float((box[2:] - box[:2]).max())
    scale = min(_drawn(FACE_SIDES_PIXELS, random) / longer, 2.0)
    reach = longer * random.uniform(*(REACH_BOX_SIDES if whole else CROP_REACH_BOX_SIDES))
    cut = round(2 * reach * scale)
    corner = _free_place(canvas, taken, (cut, cut), random) if cut >= 8 else None
    if corner is None:
        return []
    middle = (box[:2] + box[2:]) / 2
    mirror = random.random() < 0.5
    turn = np.radians(random.normal(0, LEAN_DEVIATION_DEGREES))
    matrix = placing(scale, turn, mirror, around=middle, onto=np.array([cut / 2, cut / 2]))
    blend(canvas, drawn(picture.image, matrix, scale, (cut, cut)), corner, oval)
    return [moved(picture, matrix, corner, mirror, (cut, cut))]


def _drawn(sides: tuple[float, float], random: np.random.Generator) -> float:
    return float(np.exp(random.uniform(*np.log(sides))))


def _free_place(
    canvas: npt.NDArray[np.uint8],
    taken: npt.NDArray[np.float32],
    shape: tuple[int, int],
    random: np.random.Generator,
) -> npt.NDArray[np.int64] | None:
    """Left and top of a place where no face is."""
    height, width = shape
    room = (canvas.shape[1] - width, canvas.shape[0] - height)
    if min(room) <= 0:
        return None
    low = random.integers(0, room)
    high = low + np.array([width, height])
    return None if touches(taken, low, high) else low


def blend(
    canvas: npt.NDArray[np.uint8],
    patch: npt.NDArray[np.uint8],
    corner: npt.NDArray[np.int64],
    oval: bool,
) -> None:
    """Draw the patch, or an oval of it with a soft edge."""
    height, width = patch.shape
    left, top = corner.tolist()
    part = canvas[top : top + height, left : left + width]
    if not oval:
        part[...] = patch
        return
    mask = np.zeros((height, width), np.float32)
    middle, axes = (width // 2, height // 2), (round(0.45 * width), round(0.47 * height))
    cv2.ellipse(mask, middle, axes, 0, 0, 360, 1.0, -1)
    mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), max(0.5, 0.03 * width)), np.float32)
    part[...] = (part + mask * (patch.astype(np.float32) - part)).astype(np.uint8)
