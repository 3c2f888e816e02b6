"""Who teaches a detector, and which of its layers a student's are compared with."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import keras

from train.detector.data.training_set import Sources
from train.detector.distillation import with_features
from train.detector.pyramid import FEATURES
from train.detector.settings import FAST_NETWORK, PYRAMID_NETWORK, DetectorSettings
from train.detector.targets import LARGEST_LEAN_OF_YUNET
from train.detector.yunet_network import yunet_network
from train.errors import RunError
from train.weights.keras_file import read_keras_file

LARGEST_LEAN_OF_NETWORK = math.radians(30)
"""The shipped face-detector's landmarks are off by 7.5 % of the eyes' distance on upright heads, by
11 % at 30 degrees, and by 14 % at 45. At 60 degrees it finds 54 to 67 % of portraits."""
ALIKE = {
    PYRAMID_NETWORK: {name: name for name in FEATURES},
    FAST_NETWORK: {
        "stride8_more_relu": "pyramid8_relu",
        "stride16_block1_relu": "pyramid16_relu",
        "stride32_block1_relu": "pyramid32_relu",
    },
}
"""The teacher's layer for each of a student's, by the student's network."""


@dataclass(frozen=True)
class Teacher:
    """A network that does not learn."""

    network: keras.Model
    """Gives its outputs, and then its features."""
    student_layers: tuple[str, ...]
    """Those whose outputs are compared with the features, in their order."""
    strides: tuple[int, ...]
    """Of the features."""
    has_same_layers: bool
    """Whether these are the same layers in both."""
    answers_alike: bool
    """Whether its outputs mean what a student's mean."""


def teacher_of(
    settings: DetectorSettings, sources: Sources, network_file: Path | None = None
) -> Teacher | None:
    """The one that the settings ask for, if they ask for one.

    Args:
        settings: of the run.
        sources: one may be YuNet's file.
        network_file: of `distillation.network`.

    Raises:
        RunError: a file is missing, or is not of such a network; onnx is missing; or YuNet has no
            such layers as the student.
    """
    student, distillation = settings.network.name, settings.distillation
    if distillation.network and not network_file:
        raise RunError("the settings name a teacher, distillation.network, and its file is missing")
    if network_file:
        network = _detector(network_file)
    elif not distillation.features:
        return None
    elif student != PYRAMID_NETWORK:
        raise RunError(
            f"distillation.features without distillation.network is for {PYRAMID_NETWORK}, whose "
            f"layers are YuNet's; got {student}"
        )
    elif not sources.teacher_file:
        raise RunError("distillation.features needs YuNet's file: add --teacher")
    else:
        network = yunet_network(sources.teacher_file)
    layers = ALIKE[student]
    return Teacher(
        with_features(network, layers.values(), name="teacher"),
        tuple(layers),
        tuple(FEATURES[name] for name in layers.values()),
        has_same_layers=student == PYRAMID_NETWORK,
        answers_alike=network_file is not None,
    )


def largest_lean_of_teacher(settings: DetectorSettings) -> float:
    """Radians: on heads that lean further, the teacher is less right than the labels."""
    return LARGEST_LEAN_OF_NETWORK if settings.distillation.network else LARGEST_LEAN_OF_YUNET


def _detector(file: Path) -> keras.Model:
    network = read_keras_file(file)
    layers = {layer.name for layer in network.layers}
    if not layers >= FEATURES.keys() or not layers >= {"stride8_faces", "stem_conv"}:
        raise RunError(f"{file} is no network of {PYRAMID_NETWORK}: it cannot teach a detector")
    network.trainable = False
    return network
