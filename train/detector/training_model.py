"""What is trained: a network with its loss, beside the teacher whose features it learns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras

from train.detector.distillation import AnswerDistance, FeatureDistance, with_features
from train.detector.losses import detection_loss
from train.detector.network import face_network
from train.detector.rows import Rows
from train.detector.run import DetectorRun
from train.detector.settings import DetectorSettings
from train.detector.targets import STRIDES
from train.detector.teacher import Teacher
from train.detector.yunet_network import take_layers
from train.errors import RunError
from train.layers.fast_batch_norm import with_fast_batch_norm
from train.run.ema import AveragedAdam, averaging
from train.run.warm_cosine import warm_cosine
from train.weights.starting_weights import load_starting_weights


def begun_from(name: str, weights_file: Path | None, teacher: Teacher | None) -> keras.Model:
    """The network before its first step: with a file's weights, else with YuNet's layers if it
    teaches.

    Raises:
        RunError: the weights do not fit.
    """
    network = face_network(name)
    if weights_file:
        try:
            load_starting_weights(network, weights_file)
        except RunError as error:
            raise _with_advice(error, weights_file) from error
    elif teacher and not teacher.answers_alike:
        take_layers(network, teacher.network)
    return network


def _with_advice(error: RunError, weights_file: Path) -> RunError:
    """A network with plain outputs has other layers than one that is trained."""
    before = DetectorRun(weights_file.parent).before_refit_file
    if not before.exists() or weights_file == before:
        return error
    return RunError(f"{error}; {before} is the network before refit: begin with that one")


def training_model(
    settings: DetectorSettings, network: keras.Model, teacher: Teacher | None, steps: int
) -> keras.Model:
    """The compiled model that is fitted.

    Args:
        settings: of the run.
        network: as it begins.
        teacher: None: there is none.
        steps: of an epoch.
    """
    network = with_fast_batch_norm(network)
    pixels = keras.Input((None, None, 1))
    rows = (
        _taught(settings, network, teacher, pixels)
        if teacher
        else Rows(dtype="float32")(network(pixels))
    )
    model = keras.Model(pixels, rows)
    length = settings.training.epochs * steps
    model.compile(
        optimizer=AveragedAdam(
            warm_cosine(settings.optimizer.learning_rate, length, steps),
            weight_decay=settings.optimizer.weight_decay or None,
            clipnorm=10.0,
            **averaging(settings.optimizer.ema),
        ),
        loss=detection_loss,
        jit_compile=False if keras.backend.backend() == "tensorflow" else "auto",
    )
    return model


def _taught(
    settings: DetectorSettings, network: keras.Model, teacher: Teacher, pixels: keras.KerasTensor
) -> keras.KerasTensor:
    """The rows, and a further column for each thing that is learned from the teacher."""
    distillation = settings.distillation
    grids, features = _parted(with_features(network, teacher.student_layers)(pixels))
    their_grids, theirs = _parted(teacher.network(pixels, training=False))
    rows = Rows(dtype="float32")(grids)
    if distillation.features:
        distance = FeatureDistance(distillation.features, teacher.strides, dtype="float32")
        if not teacher.has_same_layers:
            features = list(map(_linear_view, features, theirs, teacher.strides))
        rows = distance(rows, features, theirs)
    if distillation.outputs:
        distance = AnswerDistance(distillation.outputs, dtype="float32")
        rows = distance(rows, Rows(dtype="float32")(their_grids))
    return rows


def _linear_view(
    feature: keras.KerasTensor, theirs: keras.KerasTensor, stride: int
) -> keras.KerasTensor:
    """A student of another shape has other channels, whose sums are the teacher's (FitNets' 1x1
    regressor). It is not a part of the student. It begins with zeros: as long as it knows nothing,
    the student is not moved by it.
    """
    layer = keras.layers.Conv2D(
        theirs.shape[-1],
        1,
        kernel_initializer="zeros",
        dtype="float32",
        name=f"stride{stride}_seen_as",
    )
    return layer(feature)


def _parted(outputs: list[Any]) -> tuple[list[Any], list[Any]]:
    """The grids, and the features that come after them."""
    return outputs[: len(STRIDES)], outputs[len(STRIDES) :]
