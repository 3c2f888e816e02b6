"""The pictures that training gives to conversion, beside the network and its card, as numpy arrays.

`train` writes these and `convert` reads them, so that neither imports the other. Each is a `.npz`
whose keys are named like the fields. Files from before 0.2 have older keys, and are read, too.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fer_edge.errors import FerEdgeError

TEST_SPLITS = {"PublicTest": "public_test", "PrivateTest": "private_test"}
"""FER2013's names of the two test splits (to choose by, to report on), and the beginnings of their
keys."""
TRUTHS = ("fer2013", "ferplus", "labels")
"""What predictions are compared with: FER2013's labels, FER+'s majority, another dataset's
labels."""


class HandoverError(FerEdgeError, ValueError):
    """A file that is missing, damaged, or holds other arrays."""


@dataclass(frozen=True)
class TestFaces:
    """One test split."""

    __test__ = False  # pytest takes the name for a test's
    images: npt.NDArray[np.uint8]
    """(faces, height, width, channels), from hair line to chin, at the size of their source."""
    truths: dict[str, npt.NDArray[np.int64]]
    """By name (one of TRUTHS), (faces,): the right class, -1 where there is none."""


@dataclass(frozen=True)
class EmotionHandover:
    """Of an emotion network."""

    calibration_images: npt.NDArray[np.uint8]
    """Training faces to measure the ranges of activations on; like `TestFaces.images`."""
    tests: dict[str, TestFaces]
    """By split (one of TEST_SPLITS); those that the dataset has."""

    def write(self, path: Path) -> None:
        """Write a `.npz`.

        Raises:
            OSError: it cannot be written.
        """
        arrays: dict[str, npt.NDArray[Any]] = {"calibration_images": self.calibration_images}
        for split, faces in self.tests.items():
            arrays[f"{TEST_SPLITS[split]}_images"] = faces.images
            for truth, right in faces.truths.items():
                arrays[f"{TEST_SPLITS[split]}_{truth}"] = right
        np.savez(path, **arrays)  # type: ignore[arg-type]

    @classmethod
    def read(cls, path: Path) -> EmotionHandover:
        """Read a `.npz`.

        Raises:
            HandoverError: it is missing, damaged, or holds other arrays.
        """
        arrays = _arrays(path)
        tests = {}
        for split, key in TEST_SPLITS.items():
            images = arrays.get(f"{key}_images", arrays.get(f"{split}.images"))
            if images is not None:
                tests[split] = TestFaces(_pictures(path, images), _truths(arrays, split, key))
        for split, faces in tests.items():
            if any(right.shape != (len(faces.images),) for right in faces.truths.values()):
                raise HandoverError(f"{path}: {split} has not one answer a face")
            if not faces.truths:
                raise HandoverError(f"{path}: no face of {split} has an answer to compare with")
        return cls(_pictures(path, _named(path, arrays, "calibration_images")), tests)


@dataclass(frozen=True)
class DetectorHandover:
    """Of a face detector."""

    calibration_images: npt.NDArray[np.uint8]
    """(scenes, side, side, 1), to measure the ranges of activations on."""
    test_images: npt.NDArray[np.uint8]
    """Likewise, of pictures that were held out."""

    def write(self, path: Path) -> None:
        """Write a `.npz`.

        Raises:
            OSError: it cannot be written.
        """
        np.savez(
            path,
            calibration_images=self.calibration_images,
            test_images=self.test_images,
        )

    @classmethod
    def read(cls, path: Path) -> DetectorHandover:
        """Read a `.npz`.

        Raises:
            HandoverError: it is missing, damaged, or holds other arrays.
        """
        arrays = _arrays(path)
        return cls(
            _pictures(path, _named(path, arrays, "calibration_images")),
            _pictures(path, _named(path, arrays, "test_images")),
        )


def _arrays(path: Path) -> dict[str, npt.NDArray[Any]]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return dict(arrays)
    except FileNotFoundError:
        raise HandoverError(f"{path} is missing") from None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        # For other files, numpy's own message says how to load them unsafely.
        told = error if zipfile.is_zipfile(path) else "it is no ZIP archive, as a .npz is"
        raise HandoverError(f"{path} is damaged: {told}") from error
    except (AttributeError, TypeError) as error:
        # A lone array instead of a .npz.
        raise HandoverError(f"{path} holds no named arrays") from error


def _named(path: Path, arrays: Mapping[str, npt.NDArray[Any]], name: str) -> npt.NDArray[Any]:
    found = arrays.get(name, arrays.get(name.removesuffix("_images")))
    if found is None:
        raise HandoverError(f"{path} holds no {name}, only {', '.join(arrays) or 'nothing'}")
    return found


def _pictures(path: Path, array: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    if array.dtype != np.uint8 or array.ndim != 4 or not len(array):
        raise HandoverError(
            f"{path}: expected pictures (n, height, width, channels) of uint8, "
            f"got {array.shape} of {array.dtype}"
        )
    return array


def _truths(
    arrays: Mapping[str, npt.NDArray[Any]], split: str, key: str
) -> dict[str, npt.NDArray[np.int64]]:
    """The truths that have faces: an accuracy over no faces is NaN, and would pass any bound."""
    both = {truth: arrays.get(f"{key}_{truth}", arrays.get(f"{split}.{truth}")) for truth in TRUTHS}
    return {truth: right for truth, right in both.items() if right is not None and any(right >= 0)}
