"""Train one network: prepare, build, train, in that order."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import keras

from fer_edge.handover import TEST_SPLITS
from train.data.faces import Faces
from train.data.prepared import Prepared
from train.data.sources import Votes
from train.data.unlabelled import read_unlabelled
from train.emotion.begin_run import begin_run, check_takes_votes
from train.emotion.dataset import InOrder, TrainingSet, batches
from train.emotion.distillation.cross_fitting import check_unseen, who_may_answer
from train.emotion.distillation.soft_targets import with_soft_targets
from train.emotion.heads import leave_heads
from train.emotion.run import EmotionRun
from train.emotion.run_files import NO_FILES, RunFiles
from train.emotion.selection import kept_apart, selection
from train.emotion.settings import HEADS, Settings
from train.emotion.training_faces import training_set, validation_set
from train.emotion.training_model import (
    network_of,
    trained_network,
    training_model,
    without_auxiliary_heads,
)
from train.errors import DatasetError, RunError
from train.layers.mirror_tied import tie
from train.networks import find_network
from train.run.begin import held, last_state, state_after
from train.run.epoch_end import EpochEnd
from train.run.history import Row, best_epoch, is_over
from train.run.network_file import load_network, save_network
from train.run.precision import computing_in
from train.run.reseed import Reseed
from train.weights.starting_weights import load_starting_weights

log = logging.getLogger(__name__)
VALIDATION_BATCH_FACES = 256


def fit(
    settings: Settings,
    data: Prepared,
    votes: Votes | None,
    run: EmotionRun,
    files: RunFiles = NO_FILES,
    *,
    resume: bool = False,
) -> keras.Model:
    """Train, or go on training, and leave the finished model in the run folder.

    Args:
        settings: of the run.
        data: all splits of the dataset.
        votes: FER+'s, or none.
        run: where to.
        files: where weights to start from, teachers and faces without labels are read. The other
            paths are only written into `run.json`.
        resume: whether the folder may hold this run already.

    Returns:
        The network in float32 with averaged weights, without auxiliary heads. It has both heads if
        there are two.

    Raises:
        RunError: the folder holds another run, or this one and `resume` is not asked for. Another
            process writes to it. The weights do not fit. Faces without labels, and no teachers.
        DatasetError: no training faces, fewer than one batch, votes of other faces or of a run that
            takes none, or none for a head that learns them.
    """
    if settings.network.two_heads and votes is None:
        raise DatasetError("two heads need FER+'s votes for one of them: add --votes")
    check_takes_votes(settings, votes)
    if files.unlabelled_file and not files.teacher_folders:
        raise RunError("faces without labels have only soft targets: add --teachers")
    try:
        faces = selection(data.faces, settings)
    except DatasetError as error:
        raise DatasetError(f"{data.source}: {error}") from error
    learning = faces.only("Training")
    if len(learning) < settings.training.batch:
        raise DatasetError(
            f"{len(learning)} training faces do not fill a batch of {settings.training.batch}: "
            "choose a smaller --batch"
        )
    with held(run):
        return _fit(settings, data, faces, votes, run, files, resume)


def _fit(
    settings: Settings,
    data: Prepared,
    faces: Faces,
    votes: Votes | None,
    run: EmotionRun,
    files: RunFiles,
    resume: bool,
) -> keras.Model:
    training, classes = settings.training, len(faces.labels)
    learning, unlabelled = faces.only("Training"), None
    if files.unlabelled_file:
        unlabelled = read_unlabelled(
            files.unlabelled_file,
            data.faces,
            kept_apart(data.faces, settings),
            files.cache_folder,
            files.skip_bad,
        )
    shown = training_set(learning, settings, votes, unlabelled)
    validation = validation_set(faces, votes, settings)
    steps = len(shown.images) // training.batch
    begin_run(run, settings, data, faces, votes, files, resume)
    if _is_finished(run, settings):
        # Later commands may have changed its network and card, which would not fit any more.
        log.info("%s is finished: nothing is left to train", run.folder)
        return load_network(run.model_file)
    if not settings.data.folds and not any(map(faces.has, TEST_SPLITS)):
        log.warning(
            "no face is in PublicTest or PrivateTest (val, test): the network cannot be measured, "
            "calibrated or converted"
        )
    done, model = last_state(run)
    if model is None:
        model = _new_model(settings, classes, steps, files.weights_file)
    if files.teacher_folders:
        teachers = [EmotionRun(path) for path in files.teacher_folders]
        check_unseen(teachers, data, faces)
        may_answer = who_may_answer(teachers, data, learning.row, len(shown.images))
        shown = with_soft_targets(
            teachers, learning.labels, shown, settings, run.soft_targets_folder, may_answer
        )
    model = _trained(model, shown, validation, settings, run, done)
    return _finish(model, run, settings, classes)


def _trained(
    model: keras.Model,
    shown: TrainingSet,
    validation: TrainingSet | None,
    settings: Settings,
    run: EmotionRun,
    done: int,
) -> keras.Model:
    """The model after the epochs that are left; with patience, as it was after the best one."""
    training = settings.training
    keras.utils.set_random_seed(training.seed)
    history: list[Row] = run.read_history()[:done] if done else []
    callbacks = [
        Reseed(training.seed, shown.views),
        EpochEnd(run, history, training.epochs, training.patience),
    ]
    if training.tensorboard:
        callbacks.append(keras.callbacks.TensorBoard(run.tensorboard_folder))
    model.fit(
        batches(shown, training.batch, training.seed, done),
        shuffle=False,
        steps_per_epoch=len(shown.images) // training.batch,
        initial_epoch=training.epochs if is_over(history, training.patience) else done,
        epochs=training.epochs,
        # Each epoch is validated with the weights themselves. Their average replaces them when all
        # epochs are done.
        validation_data=InOrder(validation, VALIDATION_BATCH_FACES) if validation else None,
        callbacks=callbacks,
        # Off a terminal the progress bar would be one line a step; EpochEnd tells each epoch.
        verbose=int(sys.stdout.isatty()),
    )
    if training.patience:
        model = state_after(run, best_epoch(history))
        model.optimizer.finalize_variable_values(model.trainable_variables)
    return model


def _is_finished(run: EmotionRun, settings: Settings) -> bool:
    """Whether its network is there, and that of each head, whose card is written last."""
    heads = HEADS if settings.network.two_heads else ()
    return run.model_file.exists() and all(run.head(one).card_file.exists() for one in heads)


def _new_model(
    settings: Settings, classes: int, steps: int, weights_file: Path | None
) -> keras.Model:
    keras.utils.set_random_seed(settings.training.seed)
    with computing_in(settings.training.precision):
        network = network_of(settings, classes)
        if weights_file:
            load_starting_weights(network, weights_file)
        return training_model(settings, network, steps)


def _finish(model: keras.Model, run: EmotionRun, settings: Settings, classes: int) -> keras.Model:
    network = network_of(settings, classes)
    network.set_weights(trained_network(model).get_weights())
    if find_network(settings.network.name).mirror_tied:
        tie(network)
    if not settings.network.two_heads:
        network = without_auxiliary_heads(network)
    save_network(network, run.model_file)
    if settings.network.two_heads:
        leave_heads(run, network, settings)
    return network
