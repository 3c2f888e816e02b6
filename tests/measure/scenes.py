"""Faces of FER2013 in made-up scenes, and what a cheap camera makes of them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from fer_edge.frame import Frame
from fer_edge.pictures.image import Image

SCENE = (240, 320)
"""Height and width in pixels."""


def faces(archive: Path, count: int, seed: int = 0, split: str = "PublicTest") -> list[Image]:
    """Some faces of one split of fer2013_folders.zip, 48x48 grey, in a fixed random order."""
    with zipfile.ZipFile(archive) as folders:
        names = sorted(name for name in folders.namelist() if f"/{split}_" in name)
        np.random.default_rng(seed).shuffle(names)
        return [_decoded(folders.read(name)) for name in names[:count]]


def _decoded(content: bytes) -> Image:
    with io.BytesIO(content) as stream:
        raw = np.frombuffer(stream.read(), np.uint8)
    picture = cv2.imdecode(raw, cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    return np.asarray(picture, np.uint8)


def scene(face: Image, side: int, seed: int, shape: tuple[int, int] = SCENE) -> Image:
    """A face, `side` pixels from hair line to chin, in a blurred background of its own."""
    chance = np.random.default_rng(seed)
    height, width = shape
    rough = chance.uniform(40, 200, (6, 8)).astype(np.float32)
    ground = cv2.resize(rough, (width, height), interpolation=cv2.INTER_CUBIC)
    patch = cv2.resize(face, (side, side), interpolation=cv2.INTER_CUBIC).astype(np.float32)
    # Feathered, so that the detector sees a face and not a picture of one.
    edge = np.minimum(1, np.minimum(np.arange(side), np.arange(side)[::-1]) / (0.12 * side))
    mask = np.minimum.outer(edge, edge).astype(np.float32)
    top, left = (height - side) // 2, (width - side) // 2
    place = ground[top : top + side, left : left + side]
    place += mask * (patch - place)
    return np.clip(ground, 0, 255).astype(np.uint8)


class NoisyCamera:
    """Makes of a still what a cheap camera sees: noise, shake, light that flickers, JPEG."""

    def __init__(
        self,
        seed: int = 0,
        sigma: float = 10.0,
        shake: float = 1.0,
        light: float = 0.05,
        quality: int = 50,
    ) -> None:
        self._chance = np.random.default_rng(seed)
        self._noise = self._chance.normal(0, sigma, (600, 800)).astype(np.float32)
        self._shake, self._light, self._quality = shake, light, quality

    def picture(self, still: Image) -> Image:
        """One exposure of it."""
        chance, (height, width) = self._chance, still.shape
        right, down = chance.uniform(-self._shake, self._shake, 2)
        move = np.array([[1, 0, right], [0, 1, down]])
        seen = cv2.warpAffine(still, move, (width, height), borderMode=cv2.BORDER_REPLICATE)
        top, left = chance.integers(0, 600 - height), chance.integers(0, 800 - width)
        noise: npt.NDArray[np.float32] = self._noise[top : top + height, left : left + width]
        bright = seen * np.float32(1 + chance.uniform(-self._light, self._light)) + noise
        exposed = np.clip(bright, 0, 255).astype(np.uint8)
        _, code = cv2.imencode(".jpg", exposed, [cv2.IMWRITE_JPEG_QUALITY, self._quality])
        picture = cv2.imdecode(code, cv2.IMREAD_GRAYSCALE)
        assert picture is not None
        return np.asarray(picture, np.uint8)

    def frames(self, stills: list[Image], rate: float) -> Iterator[Frame]:
        """A frame for each still, with the times of a recording."""
        for index, still in enumerate(stills):
            yield Frame(self.picture(still), index / rate, index, clock="recording")
