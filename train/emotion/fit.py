"""Train one network: prepare, build, train, in that order."""

from __future__ import annotations

import dataclasses
import logging
import sys
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt
from sklearn.utils.class_weight import compute_sample_weight

from train.data.faces import Faces
from train.data.prepared import Prepared
from train.data.sources import Votes
from train.emotion.dataset import InOrder, Lesson, batches
from train.emotion.distillation.soft_targets import teaching
from train.emotion.heads import leave_heads
from train.emotion.selection import selection
from train.emotion.settings import Settings
from train.emotion.targets import targets
from train.emotion.training_model import network_of, training_model, without_auxiliary_heads
from train.errors import DatasetError
from train.layers.mirror_tied import tie
from train.networks import find_network
from train.run.begin import begin, resumed
from train.run.epoch_end import EpochEnd
from train.run.folder import RunFolder, read_json
from train.run.history import Row, best_epoch, is_over
from train.run.network_file import save_network
from train.run.reseed import Reseed
from train.weights.starting_weights import load_starting_weights

log = logging.getLogger(__name__)
VALIDATION_BATCH = 256


def fit(
    settings: Settings,
    data: Prepared,
    votes: Votes | None,
    run: RunFolder,
    *,
    weights_file: Path | None = None,
    teachers: list[RunFolder] | None = None,
    resume: bool = False,
    tensorboard: bool = False,
) -> keras.Model:
    """Train, or go on training, and leave the finished model in the run folder.

    Returns:
        The network in float32 with averaged weights and without auxiliary heads; with both heads
        where there are two.

    Raises:
        RunError: the folder holds another run, or this one and `resume` is not asked for; or
            weights that do not fit.
        DatasetError: no training faces, fewer than one batch, votes of other faces, or none for a
            head that learns them.
    """
    if settings.two_heads and votes is None:
        raise DatasetError("two heads need FER+'s votes for one of them: add --votes")
    try:
        faces = selection(data.faces, settings)
    except DatasetError as error:
        raise DatasetError(f"{data.source}: {error}") from error
    learning = faces.only("Training")
    if len(learning) < settings.batch:
        raise DatasetError(
            f"{len(learning)} training faces do not fill a batch of {settings.batch}"
        )
    lesson = _lesson(learning, settings, votes)
    steps = len(learning) // settings.batch
    done = begin(run, settings, data, faces, votes, resume)
    if teachers:
        answers = teaching(teachers, learning, lesson, settings, run.teaching)
        lesson = dataclasses.replace(
            lesson, teaching=answers, teachers_weight=settings.teachers_weight
        )

    keras.utils.set_random_seed(settings.seed)
    keras.config.set_dtype_policy(settings.precision)
    try:
        if done:
            model = resumed(run, done)
        else:
            network = network_of(settings, len(faces.labels))
            if weights_file:
                load_starting_weights(network, weights_file)
            model = training_model(settings, network, steps)
    finally:
        keras.config.set_dtype_policy("float32")
    history: list[Row] = read_json(run.history)[:done] if done else []
    validation = _validation(faces, votes, settings)
    callbacks = [
        Reseed(settings.seed, lesson.views),
        EpochEnd(run, history, settings.epochs, settings.patience),
    ]
    if tensorboard:
        callbacks.append(keras.callbacks.TensorBoard(run.tensorboard))
    model.fit(
        batches(lesson, settings.batch, settings.seed, done),
        shuffle=False,
        steps_per_epoch=steps,
        initial_epoch=settings.epochs if is_over(history, settings.patience) else done,
        epochs=settings.epochs,
        # Each epoch's validation is of the weights as they are; their average takes their place
        # when all epochs are done. Early on it would be far off: it still holds the initial ones.
        validation_data=InOrder(validation, VALIDATION_BATCH) if validation else None,
        callbacks=callbacks,
        verbose=1 if sys.stderr.isatty() else 2,
    )
    if settings.patience:
        model = resumed(run, best_epoch(history))
        model.optimizer.finalize_variable_values(model.trainable_variables)
    return _finish(model, run, settings, len(faces.labels))


def _lesson(faces: Faces, settings: Settings, votes: Votes | None) -> Lesson:
    weights: npt.NDArray[np.float32] | None = None
    if settings.class_weights:
        weights = compute_sample_weight("balanced", faces.label).astype(np.float32)
    network = find_network(settings.network)
    wanted = _targets(faces, votes, settings, settings.votes_weight)
    return Lesson(faces.images, wanted, weights, network.input, mixup=settings.mixup)


def _targets(
    faces: Faces, votes: Votes | None, settings: Settings, votes_weight: float
) -> tuple[npt.NDArray[np.float32], ...]:
    """For each output of the network."""
    if settings.two_heads:
        return targets(faces, votes, 1.0), targets(faces, None, 0.0)
    return (targets(faces, votes, votes_weight),) * find_network(settings.network).heads


def _validation(faces: Faces, votes: Votes | None, settings: Settings) -> Lesson | None:
    """PublicTest, by its labels (a head for the votes by these); PrivateTest has no say in anything
    that is chosen.
    """
    if not faces.has("PublicTest"):
        if settings.patience:
            raise DatasetError("stopping early needs PublicTest faces, and there are none")
        return None
    public = faces.only("PublicTest")
    if settings.sample:
        # All of it would take as long after each epoch as learning from the sample. Datasets are
        # in no order, or in that of their classes: one in so many has each class in its share.
        step = max(1, 4 * len(public) // settings.sample)
        public = public.where(np.arange(len(public)) % step == 0, "PublicTest")
    network = find_network(settings.network)
    return Lesson(public.images, _targets(public, votes, settings, 0.0), None, network.input)


def _finish(model: keras.Model, run: RunFolder, settings: Settings, classes: int) -> keras.Model:
    network = network_of(settings, classes)
    network.set_weights(model.layers[-1].get_weights())
    if find_network(settings.network).mirrored:
        tie(network)
    if not settings.two_heads:
        network = without_auxiliary_heads(network)
    save_network(network, run.model)
    if settings.two_heads:
        leave_heads(run, network, settings)
    return network
