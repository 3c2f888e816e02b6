"""Readers of faces: a converted model through the runtime, or a finished run's network."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import keras
import numpy as np
import numpy.typing as npt

from fer_edge.classifier import EmotionClassifier
from fer_edge.models.card import ModelCard
from train.data.faces import Faces
from train.data.inputs import in_parts
from train.emotion.measuring.inference import calibrated_probabilities, outputs_of
from train.emotion.run import EmotionRun
from train.errors import DatasetError
from train.run.network_file import load_network


class Reader(Protocol):
    """Has a card, and gives the probability of each of its labels."""

    @property
    def card(self) -> ModelCard:
        """What it takes in and knows."""

    def probabilities(self, batch: npt.NDArray[np.uint8]) -> npt.NDArray[np.floating]:
        """Pictures at the card's size, (faces, height, width, channels), to (faces, labels)."""


@dataclass(frozen=True)
class RunReader:
    """The network of a finished run, in float32."""

    card: ModelCard
    """What it takes in and knows."""
    network: keras.Model
    """Pixels to logits."""

    def probabilities(self, batch: npt.NDArray[np.uint8]) -> npt.NDArray[np.floating]:
        """As the runtime would give them; see `Reader`."""
        return calibrated_probabilities(self.card, outputs_of(self.network, batch))


def find_reader(model: str) -> Reader:
    """The reader that a word on the command line names.

    Args:
        model: the folder of a finished run, a shipped model's name, or the path of a .tflite.

    Raises:
        RunError: the run is not finished, or has two heads.
        ModelError: no such model, or a damaged one.
    """
    # Python would take an empty name for the current folder.
    if not model or not Path(model).is_dir():
        return EmotionClassifier(model)
    run = EmotionRun(Path(model))
    run.check_one_head()
    return RunReader(run.read_card(), load_network(run.model_file))


def label_numbers(faces: Faces, known: tuple[str, ...]) -> npt.NDArray[np.int64]:
    """Faces' labels as numbers of a model's, (faces,); -1 for those that it does not know."""
    number = np.array([known.index(name) if name in known else -1 for name in faces.labels])
    return np.asarray(number[faces.label], np.int64)


def numbered_for(card: ModelCard, faces: Faces) -> Faces:
    """The faces, whose labels have the model's numbers.

    Raises:
        DatasetError: some are of emotions that the model does not know.
    """
    if faces.labels == card.labels:
        return faces
    label = label_numbers(faces, card.labels)
    unknown = [faces.labels[number] for number in np.unique(faces.label[label < 0])]
    if unknown:
        raise DatasetError(
            f"the model knows {', '.join(card.labels)}, and some faces are {', '.join(unknown)}: "
            "leave these out of the data, or take a model that knows them"
        )
    return dataclasses.replace(faces, label=label, labels=card.labels)


def likeliest(reader: Reader, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """(faces,), the likeliest label's number for each face at its source's size."""
    parts = in_parts(images, reader.card.input)
    return np.concatenate([reader.probabilities(part).argmax(axis=1) for part in parts])
