"""Training scenes: pictures tiled, scaled, turned, pasted, dimmed and blurred.

Small faces are rare in the data and common in front of a camera. So most scenes show several
pictures, shrunk, beside one another (mosaic: Bochkovskiy et al., "YOLOv4", 2020, arXiv:2004.10934).
Faces, and what merely looks like them, are pasted into what is left free.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from train.detector.data.pictures import Picture
from train.detector.data.training_set import Cutouts
from train.detector.scenes.exchanged import exchange_some
from train.detector.scenes.exposure import exposed
from train.detector.scenes.pasted import cover_some, with_pasted
from train.detector.scenes.placed import (
    Scene,
    drawn,
    joined,
    kept,
    moved,
    padded_within,
    placing,
)

TILING_PROBABILITIES = (0.4, 0.35, 0.15, 0.1)
"""How often a scene has 1, 2x2, 3x3, 4x4 pictures."""
PICTURE_GROUND_SHARE, GROUND_TRIES = 0.7, 8
"""The share of scenes that are to lie on a picture without a face, and how often one is looked for
among the others."""
LEANING_PICTURE_SHARE, FARTHEST_LEAN_DEGREES = 0.25, 70.0
"""The share of pictures that are turned by any angle up to this one; the others hardly."""
PASTED_SCENE_SHARE = 0.6
"""The share of scenes that something is pasted into."""
NO_CUTOUTS = Cutouts()
STRETCH_LOG_DEVIATION = 0.12
"""The spread of the logarithm of how much wider than high a picture is drawn."""
FACE_SIDES_PIXELS = (14.0, 260.0)
"""Pixels of the face that a single picture is scaled by, drawn evenly over their logarithms."""
NEAR_PICTURE_SHARE, NEAR_SCENE_SHARES = 0.2, (0.5, 1.25)
"""The share of single pictures that show their largest face near, and how large: as a share of the
scene's side, drawn evenly."""
PADDED_SCENE_SHARE, MOST_PADDED_PIXELS = 0.3, 31
"""The share of scenes that are black right and below, and how far at most, as pictures are padded
for detection."""
ZOOM_FACTORS = (0.7, 1.6)
"""The scale of a picture that is not scaled by a face, as a multiple of the scale that fits its
place."""
FACELESS_ZOOM_FACTORS = (0.7, 4.0)
"""The same for a picture without a face: its parts should have the sizes that faces have."""


def scene(
    pictures: Sequence[Picture],
    side: int,
    random: np.random.Generator,
    cutouts: Cutouts = NO_CUTOUTS,
) -> Scene:
    """One scene of side x side pixels, as a camera sees it."""
    return taken(composed(pictures, side, random, cutouts), random)


def composed(
    pictures: Sequence[Picture],
    side: int,
    random: np.random.Generator,
    cutouts: Cutouts = NO_CUTOUTS,
) -> Scene:
    """One scene of side x side pixels out of some of the pictures and what is pasted."""
    tiles = 1 + int(random.choice(len(TILING_PROBABILITIES), p=TILING_PROBABILITIES))
    canvas = _ground(pictures, side, random)
    found: list[Scene] = []
    edges = np.linspace(0, side, tiles + 1).round().astype(int)
    for top, bottom in itertools.pairwise(edges):
        for left, right in itertools.pairwise(edges):
            picture = pictures[int(random.integers(len(pictures)))]
            found.append(_tile(canvas, (left, top, right, bottom), picture, tiles, random))
    faces = joined(canvas, found)
    if random.random() < PASTED_SCENE_SHARE:
        faces = with_pasted(faces, pictures, cutouts, random)
    faces = exchange_some(kept(faces), cutouts.faces, random)
    cover_some(faces, pictures, random)
    return faces


def taken(faces: Scene, random: np.random.Generator) -> Scene:
    """A photo of the scene: light, blur, noise, and the black that fills a detector's canvas."""
    faces = dataclasses.replace(faces, image=exposed(faces.image, random))
    if random.random() >= PADDED_SCENE_SHARE:
        return faces
    width, height = (faces.image.shape[0] - random.integers(0, MOST_PADDED_PIXELS + 1, 2)).tolist()
    return padded_within(faces, (width, height))


def _ground(
    pictures: Sequence[Picture], side: int, random: np.random.Generator
) -> npt.NDArray[np.uint8]:
    """What is seen beside the pictures: one without a face, or plain grey."""
    if random.random() < PICTURE_GROUND_SHARE:
        for _ in range(GROUND_TRIES):
            picture = pictures[int(random.integers(len(pictures)))]
            if not len(picture.boxes):
                return np.asarray(cv2.resize(picture.image, (side, side)), np.uint8)
    return np.full((side, side), int(random.integers(0, 256)), np.uint8)


def _tile(
    canvas: npt.NDArray[np.uint8],
    place: tuple[int, int, int, int],
    picture: Picture,
    tiles: int,
    random: np.random.Generator,
) -> Scene:
    """Draw a picture into a part of the canvas; its faces there."""
    left, top, right, bottom = place
    width, height = right - left, bottom - top
    near = tiles == 1 and len(picture.boxes) > 0 and random.random() < NEAR_PICTURE_SHARE
    if near:
        scale, focus = _near(picture, width, random)
    else:
        scale = _scale(picture, max(width, height), tiles, random)
        focus = _focus(picture, random)
    turn = np.radians(lean_degrees(random))
    mirror = random.random() < 0.5
    wider = np.exp(random.normal(0, STRETCH_LOG_DEVIATION) / 2)
    # In a tile, a face near the edge would be hidden by the next one.
    low, high = (0.1, 0.9) if tiles == 1 else (0.25, 0.75)
    middle = random.uniform(low, high, 2) * (width, height)
    matrix = placing(scale, turn, mirror, around=focus, onto=middle, wider=wider)
    part = canvas[top:bottom, left:right]
    part[...] = drawn(picture.image, matrix, scale, (width, height), under=part)
    return moved(picture, matrix, np.array([left, top]), mirror, (width, height))


def lean_degrees(random: np.random.Generator) -> float:
    """Degrees: heads lean a little, some of them far."""
    return (
        random.uniform(-FARTHEST_LEAN_DEGREES, FARTHEST_LEAN_DEGREES)
        if random.random() < LEANING_PICTURE_SHARE
        else random.normal(0, 8)
    )


def _near(
    picture: Picture, side: int, random: np.random.Generator
) -> tuple[float, npt.NDArray[np.float64]]:
    """Scale and focus that show the largest face near."""
    sizes = (picture.boxes[:, 2:] - picture.boxes[:, :2]).max(axis=1)
    box = picture.boxes[sizes.argmax()]
    wanted = random.uniform(*NEAR_SCENE_SHARES) * side / sizes.max()
    most = 6 * side / max(picture.image.shape)
    return float(min(wanted, most)), np.asarray((box[:2] + box[2:]) / 2, np.float64)


def _scale(picture: Picture, side: int, tiles: int, random: np.random.Generator) -> float:
    fits = side / max(picture.image.shape)
    sizes = (picture.boxes[:, 2:] - picture.boxes[:, :2]).max(axis=1)
    if not len(picture.boxes) or tiles > 1:
        zooms = ZOOM_FACTORS if len(picture.boxes) else FACELESS_ZOOM_FACTORS
        return float(fits * np.exp(random.uniform(*np.log(zooms))))
    wanted = np.exp(random.uniform(*np.log(FACE_SIDES_PIXELS))) / random.choice(sizes)
    return float(np.clip(wanted, 0.7 * fits, 4 * fits))


def _focus(picture: Picture, random: np.random.Generator) -> npt.NDArray[np.float64]:
    """The point of the picture that comes near the middle: a face's, or any."""
    if len(picture.boxes) and random.random() < 0.8:
        box = picture.boxes[int(random.integers(len(picture.boxes)))]
        return np.asarray((box[:2] + box[2:]) / 2, np.float64)
    return random.uniform(0.2, 0.8, 2) * picture.image.shape[::-1]
