"""Measures how many answers stay the same when a face's crop or light changes a little.

A detector's box has jitter from frame to frame, and light changes. If the answers change with them,
they flicker. FER2013's faces have no surroundings. So each face is enlarged to four times its size
(bicubic), and the runtime's own `model_input` cuts all crops out of that picture. Where a crop
reaches outside, the runtime repeats the edge's pixels. Amounts are the same for every face;
directions are drawn by a seed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial

import cv2
import numpy as np
import numpy.typing as npt
import pandas

from fer_edge.face import Box
from fer_edge.model_input import model_input
from fer_edge.models.card import InputSpec
from train.data.faces import Faces
from train.data.inputs import FACES_AT_ONCE
from train.emotion.measuring.corruptions import CORRUPTION_SEED, corruptions
from train.emotion.measuring.priors import Pair
from train.emotion.measuring.reader import Reader, likeliest
from train.errors import DatasetError

ENLARGING_FACTOR = 4
"""How many times larger than the source's face the picture is that crops are cut from."""

UNCUT = "as they are"
SMALL_MOVE_SHARE = 0.03
"""Of a crop's side: what a detector's box may be away from one frame to the next."""

Images = npt.NDArray[np.uint8]
Cut = Callable[[Images, InputSpec], Images]
"""Takes faces as the source has them, (faces, height, width, channels), and gives a model's inputs.
"""
Tell = Callable[[Images], npt.NDArray[np.floating]]
"""Takes a model's inputs, and gives its outputs, (faces, classes)."""


def cuts() -> dict[str, Cut]:
    """By the change that they make, in words."""
    degraded = corruptions()
    moves: dict[str, Cut] = {
        f"moved by {share:.0%} of the side": partial(_cut, shift=share)
        for share in (SMALL_MOVE_SHARE, 0.06)
    }
    moves |= {
        f"cut {share:.0%} closer or wider": partial(_cut, scale=1 + share) for share in (0.05, 0.1)
    }
    moves |= {f"turned by {degrees}°": partial(_cut, degrees=degrees) for degrees in (5, 10)}
    moves |= {
        f"gamma {gamma:g}": partial(_changed, change=partial(_lit, gamma=gamma))
        for gamma in (0.4, 0.6, 1.6, 2.5)
    }
    names = ("a third of the light", "blurred, 1 px", "noise of 10 steps", "JPEG quality 30")
    return moves | {name: partial(_changed, change=degraded[name]) for name in names}


def steadiness(readers: Mapping[str, Reader], faces: Faces, split: str) -> pandas.DataFrame:
    """The share of answers that each change leaves as they were.

    Args:
        readers: by name.
        faces: all splits.
        split: whose faces are read.

    Returns:
        A row for each of `cuts`, a column for each reader; shares 0..1.

    Raises:
        DatasetError: the split has no faces, or they are in colour.
    """
    images = faces.only(split).images
    if images.shape[-1] != 1:
        raise DatasetError("steadiness is measured on grey faces; these are in colour")
    every = {UNCUT: _cut, **cuts()}
    answers = {what: _answers(readers, cut, images) for what, cut in every.items()}
    rows = {
        what: {name: float((said[name] == answers[UNCUT][name]).mean()) for name in readers}
        for what, said in answers.items()
        if what != UNCUT
    }
    return pandas.DataFrame.from_dict(rows, orient="index", columns=list(readers))


def told_and_moved(tell: Tell, images: Images, spec: InputSpec) -> Pair | None:
    """What is said of each face as it is, and of its crop SMALL_MOVE_SHARE of the side away.

    Args:
        tell: from a model's inputs to (faces, classes).
        images: (faces, height, width, channels).
        spec: the model's input.

    Returns:
        None for faces in colour, whose crops this module does not make.
    """
    if images.shape[-1] != 1:
        return None
    random = np.random.default_rng(CORRUPTION_SEED)
    before, after = [], []
    for start in range(0, len(images), FACES_AT_ONCE):
        some = images[start : start + FACES_AT_ONCE]
        before.append(tell(_cut(some, spec)))
        after.append(tell(_cut(some, spec, SMALL_MOVE_SHARE, random=random)))
    return np.concatenate(before), np.concatenate(after)


def _answers(
    readers: Mapping[str, Reader], cut: Cut, images: Images
) -> dict[str, npt.NDArray[np.int64]]:
    """By reader; those that take the same inputs get the same."""
    crops: dict[InputSpec, Images] = {}
    said = {}
    for name, reader in readers.items():
        spec = reader.card.input
        if spec not in crops:
            crops[spec] = cut(images, spec)
        said[name] = likeliest(reader, crops[spec])
    return said


def _cut(
    images: Images,
    spec: InputSpec,
    shift: float = 0.0,
    scale: float = 1.0,
    degrees: float = 0.0,
    random: np.random.Generator | None = None,
) -> Images:
    """Crops that lie `shift` of the side away, are `scale` times as large or small, or lean."""
    random = random or np.random.default_rng(CORRUPTION_SEED)
    crops = []
    for image in images:
        angle, sign = random.uniform(0, 2 * math.pi), random.choice((-1, 1))
        picture = np.asarray(
            cv2.resize(
                image[:, :, 0],
                None,
                fx=ENLARGING_FACTOR,
                fy=ENLARGING_FACTOR,
                interpolation=cv2.INTER_CUBIC,
            ),
            np.uint8,
        )
        height, width = picture.shape
        square = Box(0, 0, width, height).square(
            min(height, width) / max(height, width) * scale**sign,
            shift * math.cos(angle),
            shift * math.sin(angle),
        )
        crops.append(model_input(picture, square, spec, degrees * sign))
    return np.stack(crops)


def _changed(images: Images, spec: InputSpec, change: Callable[[Images], Images]) -> Images:
    return change(_cut(images, spec))


def _lit(crops: Images, gamma: float) -> Images:
    return np.asarray(np.rint(255 * (crops / 255) ** gamma), np.uint8)
