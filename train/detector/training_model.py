"""What is trained: a network with its loss, beside the teacher whose features it learns."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras

from train.detector.data.training_set import Sources
from train.detector.distillation import FeatureDistance, with_features
from train.detector.losses import detection_loss
from train.detector.network import face_network
from train.detector.rows import Rows
from train.detector.run import DetectorRun
from train.detector.settings import PYRAMID_NETWORK, DetectorSettings
from train.detector.targets import STRIDES
from train.detector.yunet_network import take_layers, yunet_network
from train.errors import RunError
from train.layers.fast_batch_norm import with_fast_batch_norm
from train.run.ema import AveragedAdam, averaging
from train.run.warm_cosine import warm_cosine
from train.weights.starting_weights import load_starting_weights


@contextlib.contextmanager
def computing_in(precision: str) -> Iterator[None]:
    """What is built meanwhile has this Keras dtype policy."""
    keras.config.set_dtype_policy(precision)
    try:
        yield
    finally:
        keras.config.set_dtype_policy("float32")


def teacher_of(settings: DetectorSettings, sources: Sources) -> keras.Model | None:
    """YuNet with its features, if they are to be learned.

    Raises:
        RunError: its file is missing, or is not YuNet; onnx is missing; or the network has other
            layers.
    """
    if not settings.distillation.features:
        return None
    if settings.network.name != PYRAMID_NETWORK:
        raise RunError(
            f"distillation.features is for {PYRAMID_NETWORK}, whose layers are YuNet's; "
            f"got {settings.network.name}"
        )
    if not sources.teacher_file:
        raise RunError("distillation.features needs YuNet's file: add --teacher")
    return with_features(yunet_network(sources.teacher_file))


def begun_from(name: str, weights_file: Path | None, teacher: keras.Model | None) -> keras.Model:
    """The network before its first step: with a file's weights, else with the teacher's layers.

    Raises:
        RunError: the weights do not fit.
    """
    network = face_network(name)
    if weights_file:
        try:
            load_starting_weights(network, weights_file)
        except RunError as error:
            raise _with_advice(error, weights_file) from error
    elif teacher:
        take_layers(network, teacher)
    return network


def _with_advice(error: RunError, weights_file: Path) -> RunError:
    """A network with plain outputs has other layers than one that is trained."""
    before = DetectorRun(weights_file.parent).before_refit_file
    if not before.exists() or weights_file == before:
        return error
    return RunError(f"{error}; {before} is the network before refit: begin with that one")


def training_model(
    settings: DetectorSettings, network: keras.Model, teacher: keras.Model | None, steps: int
) -> keras.Model:
    """The compiled model that is fitted.

    Args:
        settings: of the run.
        network: as it begins.
        teacher: YuNet with its features; None: they are not learned.
        steps: of an epoch.
    """
    network = with_fast_batch_norm(network)
    pixels = keras.Input((None, None, 1))
    if teacher:
        grids, features = _parted(with_features(network)(pixels))
        distance = FeatureDistance(settings.distillation.features, dtype="float32")
        theirs = _parted(teacher(pixels, training=False))[1]
        rows = distance(Rows(dtype="float32")(grids), features, theirs)
    else:
        rows = Rows(dtype="float32")(network(pixels))
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


def _parted(outputs: list[Any]) -> tuple[list[Any], list[Any]]:
    """The grids, and the features that come after them."""
    return outputs[: len(STRIDES)], outputs[len(STRIDES) :]
