"""What conversion reads of a run folder made by `python -m train fit`."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras

from convert.errors import ConversionError
from fer_edge.errors import FerEdgeError
from fer_edge.handover import EmotionHandover
from fer_edge.models.card import ModelCard

ADVICE = "expected the folder of a finished python -m train fit"


@dataclass(frozen=True)
class Run:
    """A finished training."""

    network: keras.Model
    """In float32, pixels 0..255 to logits."""
    card: ModelCard
    """As training declared it."""
    data: EmotionHandover
    """Pictures to quantize and to compare on."""


def read_run(folder: Path, fields: Any) -> Run:
    """Read a run folder.

    Args:
        folder: the run's.
        fields: of its card.

    Raises:
        ConversionError: a file is missing or damaged, or they do not belong together.
    """
    if not (folder / "model.keras").is_file():
        raise ConversionError(
            f"{folder / 'model.keras'} is missing; {ADVICE} (train fit --resume {folder} goes on "
            "with one that was stopped)"
        )
    if not (folder / "faces.npz").is_file():
        raise ConversionError(
            f"{folder / 'faces.npz'} is missing; python -m train evaluate {folder} writes it"
        )
    network = read_network(folder / "model.keras", ADVICE)
    try:
        card = ModelCard.from_json(fields)
        data = EmotionHandover.read(folder / "faces.npz")
    except FerEdgeError as error:
        raise ConversionError(f"{folder} cannot be read ({error}); {ADVICE}") from error
    _check_together(folder, network, card, data)
    return Run(network, card, data)


def read_network(path: Path, advice: str) -> keras.Model:
    """A run's network.

    Raises:
        ConversionError: the file is damaged.
    """
    try:
        return keras.saving.load_model(path, compile=False)
    except Exception as error:
        # For a damaged file Keras, h5py and zipfile raise errors of many types.
        told = str(error).splitlines()[0] if str(error) else type(error).__name__
        if path.is_file() and not zipfile.is_zipfile(path):
            told = "it is no ZIP archive, as a .keras file is"
        raise ConversionError(f"{path} cannot be read ({told}); {advice}") from error


def _check_together(
    folder: Path, network: keras.Model, card: ModelCard, data: EmotionHandover
) -> None:
    if len(network.outputs) != 1:
        raise ConversionError(f"{folder} has {len(network.outputs)} heads: convert one of them")
    spec, classes = card.input, len(card.labels)
    wanted = (spec.height, spec.width, spec.channels)
    if tuple(network.input_shape[1:]) != wanted or tuple(network.output_shape[1:]) != (classes,):
        raise ConversionError(
            f"{folder}: the network takes {network.input_shape[1:]} and gives "
            f"{network.output_shape[1:]}, its card says {wanted} and {classes} labels"
        )
    if any(
        right.max() >= classes for faces in data.tests.values() for right in faces.truths.values()
    ):
        raise ConversionError(f"{folder}: faces.npz has more classes than the card has labels")
