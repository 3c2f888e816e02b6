"""The shapes and sizes of pictures that detectors are measured in."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from train.detector.data.pictures import Picture
from train.detector.scenes.placed import drawn, placing

PICTURE_SIDES_PIXELS = (160, 320, 640, 960, 1280)
"""Pixels of the pictures' longer sides."""
PICTURE_ASPECTS = {"4:3": (4, 3), "square": (1, 1), "upright": (3, 4)}
"""Width to height."""


def covering(image: npt.NDArray[np.uint8], size: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """The middle of a picture, scaled so that it fills a size."""
    scale = max(size[0] / image.shape[1], size[1] / image.shape[0])
    middle, onto = np.array(image.shape[::-1]) / 2, np.array(size) / 2
    return drawn(image, placing(scale, 0.0, False, around=middle, onto=onto), scale, size)


def view_of(picture: Picture, side: int, shape: str) -> npt.NDArray[np.uint8]:
    """Its middle in one of PICTURE_ASPECTS, the longer side `side` pixels."""
    return covering(picture.image, size_of(side, shape))


def size_of(side: int, shape: str) -> tuple[int, int]:
    """Width and height in pixels, for one of PICTURE_ASPECTS and a longer side of `side`."""
    across, along = PICTURE_ASPECTS[shape]
    longer = max(across, along)
    return round(side * across / longer), round(side * along / longer)
