"""Corruptions, as they happen outside a dataset: moved, blurred, dark, noisy, compressed, covered.

Each corruption takes faces, (faces, height, width, 1) uint8, and gives as many of the same size.
Amounts are the same for every face. Their directions are drawn by a seed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import cv2
import numpy as np
import numpy.typing as npt

Faces = npt.NDArray[np.uint8]
Corruption = Callable[[Faces], Faces]
CORRUPTION_SEED = 1
UNCORRUPTED = "as they are"


def corruptions() -> dict[str, Corruption]:
    """By what they do, in words; UNCORRUPTED leaves faces as they are."""
    return {
        UNCORRUPTED: lambda faces: faces,
        "mirrored": lambda faces: np.ascontiguousarray(faces[:, :, ::-1]),
        "turned 10°": partial(_moved, degrees=10),
        "turned 20°": partial(_moved, degrees=20),
        "shifted 5 %": partial(_moved, shift=0.05),
        "shifted 10 %": partial(_moved, shift=0.10),
        "cut 15 % closer": partial(_moved, scale=1.15),
        "cut 15 % wider": partial(_moved, scale=1 / 1.15),
        "blurred, 1 px": partial(_each, change=lambda face: cv2.GaussianBlur(face, (0, 0), 1.0)),
        "blurred, 2 px": partial(_each, change=lambda face: cv2.GaussianBlur(face, (0, 0), 2.0)),
        "24 px enlarged": partial(_each, change=partial(_coarse, side=24)),
        "16 px enlarged": partial(_each, change=partial(_coarse, side=16)),
        "noise of 10 steps": partial(_noisy, deviation=10),
        "noise of 20 steps": partial(_noisy, deviation=20),
        "a third of the light": partial(_dimmed, gain=1 / 3),
        "a sixth of the light": partial(_dimmed, gain=1 / 6),
        "JPEG quality 30": partial(_each, change=partial(_compressed, quality=30)),
        "JPEG quality 10": partial(_each, change=partial(_compressed, quality=10)),
        "eyes covered": partial(_covered, top=0.25, bottom=0.48),
        "mouth covered": partial(_covered, top=0.66, bottom=0.92),
    }


def _each(faces: Faces, change: Callable[[Faces], object]) -> Faces:
    changed = [np.asarray(change(face[:, :, 0]), np.uint8) for face in faces]
    return np.stack(changed)[..., np.newaxis]


def _moved(faces: Faces, degrees: float = 0, shift: float = 0, scale: float = 1) -> Faces:
    random = np.random.default_rng(CORRUPTION_SEED)
    height, width = faces.shape[1:3]
    moved = []
    for face in faces:
        turn = degrees * random.choice((-1, 1))
        angle = random.uniform(0, 2 * np.pi)
        matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), turn, scale)
        matrix[:, 2] += shift * width * np.array([np.cos(angle), np.sin(angle)])
        moved.append(
            cv2.warpAffine(face[:, :, 0], matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
        )
    return np.asarray(np.stack(moved)[..., np.newaxis], np.uint8)


def _coarse(face: Faces, side: int) -> object:
    small = cv2.resize(face, (side, side), interpolation=cv2.INTER_AREA)
    return cv2.resize(small, face.shape[::-1], interpolation=cv2.INTER_LINEAR)


def _noisy(faces: Faces, deviation: float) -> Faces:
    noise = np.random.default_rng(CORRUPTION_SEED).normal(0, deviation, faces.shape)
    return np.asarray(np.clip(np.rint(faces + noise), 0, 255), np.uint8)


def _dimmed(faces: Faces, gain: float) -> Faces:
    return np.asarray(np.rint(faces * gain), np.uint8)


def _compressed(face: Faces, quality: int) -> object:
    _, data = cv2.imencode(".jpg", face, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)


def _covered(faces: Faces, top: float, bottom: float) -> Faces:
    """A band across the face, as grey as the face is on the whole."""
    height = faces.shape[1]
    covered = faces.copy()
    mean = faces.mean(axis=(1, 2, 3), keepdims=True)
    covered[:, round(top * height) : round(bottom * height)] = mean
    return covered
