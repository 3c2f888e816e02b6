"""Distractors: things that only look like a face, pasted into scenes as negatives.

Pictures of people show few coins, helmets, balls, clocks, placards and folded hands. A network that
learned only from real faces and real rooms finds faces in all of these.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from train.detector.data.pictures import Picture, touches

Patch = npt.NDArray[np.uint8]

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789&?!"
MISTAKE_SHARE = 0.7
"""The share of distractors that are a network's mistakes, where there are any."""
PLACE_TRIES = 5
"""How often a place without a face is looked for in a picture."""


def distractor(
    pictures: Sequence[Picture],
    mistakes: Sequence[Patch],
    side: int,
    random: np.random.Generator,
) -> Patch:
    """(height, side), the height near the side; see `Cutouts` for mistakes."""
    if len(mistakes) and random.random() < MISTAKE_SHARE:
        patch = mistakes[int(random.integers(len(mistakes)))]
        size = side, max(4, round(side * patch.shape[0] / patch.shape[1]))
        return _resized(patch[:, ::-1] if random.random() < 0.5 else patch, size)
    make = (_scrambled, texture, _writing, _ball)[int(random.choice(4, p=(0.3, 0.3, 0.15, 0.25)))]
    return make(pictures, (side, max(4, round(side * random.uniform(0.8, 1.4)))), random)


def texture(
    pictures: Sequence[Picture], size: tuple[int, int], random: np.random.Generator
) -> Patch:
    """A part of some picture without a face, (height, width) for `size` (width, height)."""
    for _ in range(PLACE_TRIES):
        picture = pictures[int(random.integers(len(pictures)))]
        height, width = picture.image.shape
        share = random.uniform(0.08, 0.35)
        cut = (max(4, round(share * width)), max(4, round(share * height)))
        low = random.integers(0, (width - cut[0] + 1, height - cut[1] + 1))
        high = low + np.array(cut)
        if not touches(picture.boxes, low, high):
            return _resized(picture.image[low[1] : high[1], low[0] : high[0]], size)
    return np.full(size[::-1], int(random.integers(256)), np.uint8)


def _scrambled(
    pictures: Sequence[Picture], size: tuple[int, int], random: np.random.Generator
) -> Patch:
    """A face whose parts are in other places: having eyes and a mouth does not make a face."""
    for _ in range(PLACE_TRIES):
        picture = pictures[int(random.integers(len(pictures)))]
        if not len(picture.boxes):
            continue
        left, top, right, bottom = picture.boxes[int(random.integers(len(picture.boxes)))]
        rows, columns = ((3, 3), (2, 2), (3, 1), (4, 4))[int(random.integers(4))]
        face = picture.image[max(0, int(top)) : int(bottom), max(0, int(left)) : int(right)]
        if min(face.shape, default=0) < 8:
            continue
        size = (max(size[0] // columns, 1) * columns, max(size[1] // rows, 1) * rows)
        return _permuted(_resized(face, size), rows, columns, random)
    return texture(pictures, size, random)


def _permuted(face: Patch, rows: int, columns: int, random: np.random.Generator) -> Patch:
    """No part where it was."""
    parts = rows * columns
    order = random.permutation(parts)
    while (order == np.arange(parts)).any():
        order = random.permutation(parts)
    height, width = face.shape[0] // rows, face.shape[1] // columns
    blocks = face.reshape(rows, height, columns, width).swapaxes(1, 2).reshape(parts, height, width)
    return blocks[order].reshape(rows, columns, height, width).swapaxes(1, 2).reshape(face.shape)


def _writing(
    pictures: Sequence[Picture], size: tuple[int, int], random: np.random.Generator
) -> Patch:
    """Lines of letters on a board."""
    board, ink = _contrast(random)
    patch = np.full((2 * size[1], 2 * size[0]), board, np.uint8)
    lines = int(random.integers(1, 6))
    for line in range(lines):
        text = "".join(random.choice(list(LETTERS), int(random.integers(2, 9))))
        below = round((line + random.uniform(0.6, 0.9)) * patch.shape[0] / lines)
        scale = patch.shape[0] / lines / random.uniform(28, 45)
        thick = max(1, round(scale * random.uniform(1, 3)))
        left = int(random.integers(-size[0] // 2, size[0] // 2 + 1))
        cv2.putText(patch, text, (left, below), int(random.integers(0, 5)), scale, ink, thick)
    return _resized(patch, size)


def _ball(pictures: Sequence[Picture], size: tuple[int, int], random: np.random.Generator) -> Patch:
    """A shaded surface, bare as a helmet or marked as a coin or a clock."""
    width, height = 2 * size[0], 2 * size[1]
    bright, dark = _contrast(random)
    middle = random.uniform(0.1, 0.9, 2)
    rows, columns = np.ogrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    away = np.hypot(rows - middle[0], columns - middle[1]) / random.uniform(0.5, 1.2)
    patch = (bright + (dark - bright) * np.clip(away, 0, 1)).astype(np.uint8)
    for _ in range(int(random.integers(0, 9)) if random.random() < 0.7 else 0):
        _mark(patch, random)
    return _resized(patch, size)


def _mark(patch: Patch, random: np.random.Generator) -> None:
    """A spot, a ring or a stroke anywhere on it."""
    height, width = patch.shape
    one, other = (random.uniform(0.1, 0.9, (2, 2)) * (width, height)).astype(int).tolist()
    shade, thick = int(random.integers(256)), max(1, round(width * random.uniform(0.01, 0.06)))
    if random.random() < 0.4:
        cv2.line(patch, one, other, shade, thick)
        return
    axes = (random.uniform(0.03, 0.45, 2) * width).astype(int).tolist()
    filled = -1 if random.random() < 0.4 and max(axes) < 0.2 * width else thick
    cv2.ellipse(patch, one, axes, random.uniform(0, 180), 0, 360, shade, filled)


def _contrast(random: np.random.Generator) -> tuple[int, int]:
    """Two greys that can be told apart."""
    one = int(random.integers(256))
    return one, int((one + random.integers(60, 197)) % 256)


def _resized(patch: Any, size: tuple[int, int]) -> Patch:
    return np.asarray(cv2.resize(patch, size, interpolation=cv2.INTER_AREA), np.uint8)
