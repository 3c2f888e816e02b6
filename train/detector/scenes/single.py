"""Single pictures as scenes, much as they are: for fitting that needs no other surroundings."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from train.detector.data.pictures import DETECTION_SIDE_PIXELS, Picture
from train.detector.scenes.mosaic import lean_degrees
from train.detector.scenes.placed import Scene, drawn, moved, placing

OTHER_VIEWS = 2
"""Of each picture, beside itself and its mirror image."""
VIEW_SCALES = (0.6, 1.6)
"""How large a view shows its picture, drawn evenly over the logarithms."""
NEAR_MIDDLE = (0.45, 0.55)
"""Where a view shows a face: shares of the side."""
BLACK = np.zeros((DETECTION_SIDE_PIXELS, DETECTION_SIDE_PIXELS), np.uint8)


def single_scenes(pictures: Sequence[Picture], random: np.random.Generator) -> Iterator[Scene]:
    """Each picture as a detector sees it, mirrored, and in OTHER_VIEWS: square ones with a side of
    DETECTION_SIDE_PIXELS. The first two are padded with black, as a detector pads pictures. The
    others repeat their edges.

    Args:
        pictures: with a face each.
        random: places, scales and turns the other views.
    """
    for picture in pictures:
        scale = min(1.0, DETECTION_SIDE_PIXELS / max(picture.image.shape))
        corner, right = np.zeros(2), np.array([picture.image.shape[1], 0.0])
        as_it_is = placing(scale, 0.0, mirror=False, around=corner, onto=corner)
        yield _view(picture, scale, as_it_is, mirror=False, under=BLACK)
        mirrored = placing(scale, 0.0, mirror=True, around=right, onto=corner)
        yield _view(picture, scale, mirrored, mirror=True, under=BLACK)
        for _ in range(OTHER_VIEWS):
            yield _other_view(picture, scale, random)


def _other_view(picture: Picture, scale: float, random: np.random.Generator) -> Scene:
    box = picture.boxes[int(random.integers(len(picture.boxes)))]
    scale *= float(np.exp(random.uniform(*np.log(VIEW_SCALES))))
    mirror = bool(random.random() < 0.5)
    matrix = placing(
        scale,
        float(np.radians(lean_degrees(random))),
        mirror,
        around=(box[:2] + box[2:]) / 2,
        onto=random.uniform(*NEAR_MIDDLE, 2) * DETECTION_SIDE_PIXELS,
    )
    return _view(picture, scale, matrix, mirror)


def _view(
    picture: Picture,
    scale: float,
    matrix: npt.NDArray[np.float64],
    mirror: bool,
    under: npt.NDArray[np.uint8] | None = None,
) -> Scene:
    size = (DETECTION_SIDE_PIXELS, DETECTION_SIDE_PIXELS)
    faces = moved(picture, matrix, np.zeros(2, np.int64), mirror, size)
    return dataclasses.replace(faces, image=drawn(picture.image, matrix, scale, size, under))
