"""Faces in a scene: where a picture's faces come to lie when it is drawn somewhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from train.detector.pictures import Picture

LEAST_SIDE = 8.0
"""Pixels of the shorter side below which a face is neither to be found nor to be left alone."""
LEAST_VISIBLE = 0.5
"""The share of a face's box that must lie inside the scene."""
MIRRORED = (1, 0, 2, 4, 3)
"""The landmarks in the order in which a mirrored face has them."""


@dataclass(frozen=True)
class Scene:
    """What the network is shown, and what it should find."""

    image: npt.NDArray[np.uint8]
    """(side, side)."""
    boxes: npt.NDArray[np.float32]
    """(faces, 4): left, top, right, bottom."""
    landmarks: npt.NDArray[np.float32]
    """(faces, 5, 2), NaN where unknown."""
    ignored: npt.NDArray[np.bool_]
    """(faces,)."""


def touches(
    boxes: npt.NDArray[np.float32],
    low: npt.NDArray[np.integer],
    high: npt.NDArray[np.integer],
) -> bool:
    """Whether any box reaches into the rectangle between two corners."""
    return bool(((boxes[:, :2] < high) & (boxes[:, 2:] > low)).all(axis=1).any())


def moved(
    picture: Picture,
    matrix: npt.NDArray[np.float64],
    corner: npt.NDArray[np.int64],
    mirror: bool,
    size: tuple[int, int],
) -> Scene:
    """The picture's faces where it is drawn; those mostly outside are ignored or gone.

    Args:
        picture: what is drawn.
        matrix: (2, 3), from its pixels to those of the part of the scene.
        corner: (2,), the part's left and top in the scene.
        mirror: whether the matrix mirrors.
        size: the part's width and height.

    Returns:
        With an empty image.
    """
    centres = (picture.boxes[:, :2] + picture.boxes[:, 2:]) / 2
    halves = (picture.boxes[:, 2:] - picture.boxes[:, :2]) / 2
    # A box's sides grow as the axes of the picture do, however it is turned.
    scale = np.linalg.norm(matrix[:, :2], axis=0)
    centres = centres @ matrix[:, :2].T + matrix[:, 2]
    boxes = np.concatenate([centres - halves * scale, centres + halves * scale], axis=1)
    landmarks = picture.landmarks @ matrix[:, :2].T + matrix[:, 2]
    if mirror:
        landmarks = landmarks[:, MIRRORED]
    inside = np.clip(boxes, 0, [*size, *size])
    areas = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    visible = np.prod(np.maximum(inside[:, 2:] - inside[:, :2], 0), axis=1) / np.maximum(areas, 1)
    seen = visible > 0.05
    ignored = picture.ignored | (visible < LEAST_VISIBLE)
    offset = np.tile(corner, 2)
    return Scene(
        picture.image[:0],
        (np.where(ignored[:, np.newaxis], inside, boxes) + offset)[seen].astype(np.float32),
        (landmarks + corner)[seen].astype(np.float32),
        ignored[seen],
    )


def joined(canvas: npt.NDArray[np.uint8], parts: list[Scene]) -> Scene:
    """All their faces in one picture."""
    return Scene(
        canvas,
        np.concatenate([part.boxes for part in parts]),
        np.concatenate([part.landmarks for part in parts]),
        np.concatenate([part.ignored for part in parts]),
    )


def kept(faces: Scene) -> Scene:
    """With faces that are too small for the grids ignored."""
    shorter = (faces.boxes[:, 2:] - faces.boxes[:, :2]).min(axis=1, initial=np.inf)
    return Scene(faces.image, faces.boxes, faces.landmarks, faces.ignored | (shorter < LEAST_SIDE))
