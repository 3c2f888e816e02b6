"""What conversion reads of a run folder made by `python -m train fit`."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt

from convert.errors import ConversionError
from fer_edge.models.card import ModelCard

SPLITS = ("PublicTest", "PrivateTest")
TRUTHS = ("fer2013", "ferplus", "labels")


@dataclass(frozen=True)
class TestFaces:
    """One test split."""

    images: npt.NDArray[np.uint8]
    """(faces, height, width, channels), from hair line to chin, at the size of their source."""
    truths: dict[str, npt.NDArray[np.int64]]
    """By name (one of TRUTHS), (faces,): the right answer, -1 where there is none."""


@dataclass(frozen=True)
class Run:
    """A finished training."""

    network: keras.Model
    """In float32, pixels 0..255 to logits."""
    card: ModelCard
    """As training declared it."""
    calibration: npt.NDArray[np.uint8]
    """Likewise: training faces to measure the ranges of activations on."""
    tests: dict[str, TestFaces]
    """By split; those that the dataset has."""


def read_run(folder: Path) -> Run:
    """Read a run folder.

    Raises:
        ConversionError: a file is missing or damaged.
    """
    advice = "expected the folder of a finished python -m train fit"
    for name in ("model.keras", "card.json", "faces.npz"):
        if not (folder / name).is_file():
            raise ConversionError(f"{folder / name} is missing; {advice}")
    try:
        card = ModelCard.from_json(json.loads((folder / "card.json").read_text("utf-8")))
        network = keras.saving.load_model(folder / "model.keras", compile=False)
        with (folder / "faces.npz").open("rb") as file, np.load(file) as arrays:
            calibration = arrays["calibration"]
            tests = {
                split: TestFaces(
                    arrays[f"{split}.images"],
                    _truths(arrays, split),
                )
                for split in SPLITS
                if f"{split}.images" in arrays
            }
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise ConversionError(f"{folder} cannot be read ({error}); {advice}") from error
    return Run(network, card, calibration, tests)


def _truths(
    arrays: Mapping[str, npt.NDArray[np.int64]], split: str
) -> dict[str, npt.NDArray[np.int64]]:
    """Those that say something: an accuracy over no faces is no number, and passes any bound."""
    found = {truth: arrays[f"{split}.{truth}"] for truth in TRUTHS if f"{split}.{truth}" in arrays}
    return {truth: right for truth, right in found.items() if (right >= 0).any()}
