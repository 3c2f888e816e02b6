"""What light, lens, sensor and compression do to a scene."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

LONGEST_SMEAR_PIXELS = 9
"""Pixels that a scene moves by while the shutter is open."""


def exposed(image: npt.NDArray[np.uint8], random: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Another exposure of the same scene, of the same shape."""
    image = _lit(image, random)
    if random.random() < 0.25:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), random.uniform(0.4, 1.4)), np.uint8)
    if random.random() < 0.1:
        image = _smeared(image, random)
    if random.random() < 0.1:
        image = _coarse(image, random)
    if random.random() < 0.25:
        noise = random.standard_normal(image.shape, np.float32) * random.uniform(2, 14)
        image = np.clip(image + noise, 0, 255).astype(np.uint8)
    if random.random() < 0.2:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(25, 80))]
        data = cv2.imencode(".jpg", image, quality)[1]
        image = np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)
    return image


def _lit(image: npt.NDArray[np.uint8], random: np.random.Generator) -> npt.NDArray[np.uint8]:
    light = np.arange(256) / 255
    light = light ** np.exp(random.normal(0, 0.3)) * random.uniform(0.5, 1.2)
    light = light + random.normal(0, 0.06)
    return np.asarray(cv2.LUT(image, np.clip(255 * light, 0, 255).astype(np.uint8)), np.uint8)


def _smeared(image: npt.NDArray[np.uint8], random: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Along a line of any direction."""
    length = int(random.integers(3, LONGEST_SMEAR_PIXELS + 1))
    line = np.zeros((length, length), np.float32)
    line[length // 2] = 1
    middle = ((length - 1) / 2, (length - 1) / 2)
    turn = cv2.getRotationMatrix2D(middle, random.uniform(0, 180), 1)
    line = np.asarray(cv2.warpAffine(line, turn, (length, length)), np.float32)
    return np.asarray(cv2.filter2D(image, -1, line / line.sum()), np.uint8)


def _coarse(image: npt.NDArray[np.uint8], random: np.random.Generator) -> npt.NDArray[np.uint8]:
    """With fewer pixels than it seems to have."""
    share = random.uniform(0.4, 0.8)
    small = cv2.resize(image, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, image.shape[::-1]), np.uint8)
