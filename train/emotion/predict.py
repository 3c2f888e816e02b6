"""Runs a finished run's network on new pictures, before it is converted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt

from fer_edge.detectors import Detector
from fer_edge.errors import PictureError
from fer_edge.face import Box, Detection
from fer_edge.model_input import model_input
from fer_edge.models.card import ModelCard
from fer_edge.pictures.image import Image
from fer_edge.pictures.picture_file import read_picture
from train.emotion.measuring.inference import calibrated_probabilities, outputs_of


@dataclass(frozen=True)
class Prediction:
    """One face of a picture."""

    where: str
    """Its box, or "whole picture"."""
    label: str
    """The likeliest emotion."""
    probabilities: npt.NDArray[np.float64]
    """(classes,), in the order of the card's labels."""


def predict(
    path: Path, network: keras.Model, card: ModelCard, detector: Detector | None
) -> Iterator[Prediction]:
    """The faces of a picture.

    Args:
        path: a picture that OpenCV can read.
        network: a finished run's.
        card: of the run.
        detector: what finds the faces; None: the picture is a face, from hair line to chin.

    Raises:
        PictureError: not a picture, or no face is found in it.
    """
    image = read_picture(path)
    faces = _faces(image, detector)
    if not faces:
        raise PictureError(f"{path}: no face found; --whole takes the whole picture for one")
    for where, face in faces:
        pixels = model_input(image, face.square, card.input, face.roll)
        logits = outputs_of(network, pixels[np.newaxis])
        probabilities = calibrated_probabilities(card, logits)[0]
        yield Prediction(where, card.labels[int(probabilities.argmax())], probabilities)


def _faces(image: Image, detector: Detector | None) -> list[tuple[str, Detection]]:
    if detector is not None:
        return [(_told(face.box), face) for face in detector.detect(image)]
    whole = Box(0, 0, image.shape[1], image.shape[0])
    return [("whole picture", Detection(whole, whole, score=1.0))]


def _told(box: Box) -> str:
    return f"{box.width:.0f}x{box.height:.0f} at {box.x:.0f},{box.y:.0f}"
