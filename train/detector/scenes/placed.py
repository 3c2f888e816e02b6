"""Faces in a scene: where a picture's faces are when it is drawn somewhere."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from train.detector.data.pictures import Picture

LEAST_FACE_SIDE_PIXELS = 8.0
"""Pixels of the shorter side below which a face is ignored."""
LEAST_VISIBLE_SHARE = 0.5
"""The share of a face's box that must lie inside the scene."""
MIRRORED_LANDMARKS = (1, 0, 2, 4, 3)
"""The landmarks in the order in which a mirrored face has them."""


@dataclass(frozen=True)
class Scene:
    """A picture for the network, and the faces that it should find."""

    image: npt.NDArray[np.uint8]
    """(side, side)."""
    boxes: npt.NDArray[np.float32]
    """(faces, 4): left, top, right, bottom."""
    landmarks: npt.NDArray[np.float32]
    """(faces, 5, 2), NaN where unknown."""
    ignored: npt.NDArray[np.bool_]
    """(faces,)."""
    by_people: npt.NDArray[np.bool_]
    """(faces,), whether people marked the landmarks, and not another detector."""


def placing(
    scale: float,
    turn: float,
    mirror: bool,
    *,
    around: npt.NDArray[np.floating],
    onto: npt.NDArray[np.floating],
    wider: float = 1.0,
) -> npt.NDArray[np.float64]:
    """The affine map, (2, 3), that brings a picture's point to a place in another.

    Args:
        scale: above 1 enlarges.
        turn: radians, clockwise.
        mirror: left and right are exchanged before the turn.
        around: (x, y) in the picture.
        onto: (x, y) where it is then.
        wider: what widths grow by and heights shrink by.
    """
    cosine, sine = scale * np.cos(turn), scale * np.sin(turn)
    stretch = np.diag([-wider if mirror else wider, 1 / wider])
    linear = np.array([[cosine, -sine], [sine, cosine]]) @ stretch
    return np.column_stack([linear, onto - linear @ around])


def drawn(
    image: npt.NDArray[np.uint8],
    matrix: npt.NDArray[np.float64],
    scale: float,
    size: tuple[int, int],
    under: npt.NDArray[np.uint8] | None = None,
) -> npt.NDArray[np.uint8]:
    """A picture drawn through an affine map, (height, width).

    Args:
        image: grey.
        matrix: (2, 3), from its pixels to those of the part. Whole numbers are edges of pixels, as
            they are for boxes. For OpenCV they are the middles.
        scale: how much the matrix enlarges.
        size: the part's width and height.
        under: (height, width), what is seen beside the picture; without it its edges go on.
    """
    if scale < 0.6:
        # Averaging first keeps what is shrunk from aliasing.
        less = max(scale * 1.2, 0.02)
        small = (max(1, round(image.shape[1] * less)), max(1, round(image.shape[0] * less)))
        shrunk = np.array([image.shape[1] / small[0], image.shape[0] / small[1]])
        image = np.asarray(cv2.resize(image, small, interpolation=cv2.INTER_AREA), np.uint8)
        matrix = np.column_stack([matrix[:, :2] * shrunk, matrix[:, 2]])
    middles = matrix.copy()
    middles[:, 2] += matrix[:, :2].sum(axis=1) / 2 - 0.5
    if under is None:
        part = cv2.warpAffine(image, middles, size, borderMode=cv2.BORDER_REPLICATE)
    else:
        part = cv2.warpAffine(
            image, middles, size, dst=under.copy(), borderMode=cv2.BORDER_TRANSPARENT
        )
    return np.asarray(part, np.uint8)


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
    # A face is about the ellipse in its box: the box of the ellipse that this becomes.
    halves = np.sqrt(halves**2 @ (matrix[:, :2] ** 2).T)
    centres = centres @ matrix[:, :2].T + matrix[:, 2]
    boxes = np.concatenate([centres - halves, centres + halves], axis=1)
    landmarks = picture.landmarks @ matrix[:, :2].T + matrix[:, 2]
    if mirror:
        landmarks = landmarks[:, MIRRORED_LANDMARKS]
    inside = np.clip(boxes, 0, [*size, *size])
    visible = _visible_shares(boxes, size)
    seen = visible > 0.05
    ignored = picture.ignored | (visible < LEAST_VISIBLE_SHARE)
    offset = np.tile(corner, 2)
    return Scene(
        picture.image[:0],
        (np.where(ignored[:, np.newaxis], inside, boxes) + offset)[seen].astype(np.float32),
        (landmarks + corner)[seen].astype(np.float32),
        ignored[seen],
        picture.by_people[seen],
    )


def _visible_shares(
    boxes: npt.NDArray[np.floating], size: tuple[int, int]
) -> npt.NDArray[np.floating]:
    """(faces,), of each box the share that lies in a picture of this width and height."""
    inside = np.clip(boxes, 0, [*size, *size])
    across, along = (boxes[:, 2:] - boxes[:, :2]).T
    seen_across, seen_along = np.maximum(inside[:, 2:] - inside[:, :2], 0).T
    return np.asarray(seen_across * seen_along / np.maximum(across * along, 1))


def padded_within(faces: Scene, size: tuple[int, int]) -> Scene:
    """Black beyond a width and a height, as pictures are padded whose sides fit no grid; faces that
    lie mostly there are ignored."""
    image = faces.image.copy()
    image[size[1] :] = 0
    image[:, size[0] :] = 0
    hidden = _visible_shares(faces.boxes, size) < LEAST_VISIBLE_SHARE
    return dataclasses.replace(faces, image=image, ignored=faces.ignored | hidden)


def mirrored(faces: Scene) -> Scene:
    """The scene with left and right exchanged."""
    width = faces.image.shape[1]
    left, top, right, bottom = faces.boxes.T
    landmarks = faces.landmarks[:, MIRRORED_LANDMARKS].copy()
    landmarks[..., 0] = width - landmarks[..., 0]
    return dataclasses.replace(
        faces,
        image=np.ascontiguousarray(faces.image[:, ::-1]),
        boxes=np.stack([width - right, top, width - left, bottom], axis=1),
        landmarks=landmarks,
    )


def joined(canvas: npt.NDArray[np.uint8], parts: list[Scene]) -> Scene:
    """All their faces in one picture."""
    return Scene(
        canvas,
        np.concatenate([part.boxes for part in parts]),
        np.concatenate([part.landmarks for part in parts]),
        np.concatenate([part.ignored for part in parts]),
        np.concatenate([part.by_people for part in parts]),
    )


def kept(faces: Scene) -> Scene:
    """With faces that are too small for the grids ignored."""
    shorter = (faces.boxes[:, 2:] - faces.boxes[:, :2]).min(axis=1, initial=np.inf)
    return dataclasses.replace(faces, ignored=faces.ignored | (shorter < LEAST_FACE_SIDE_PIXELS))
