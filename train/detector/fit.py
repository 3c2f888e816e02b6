"""Train the face detector: scenes, network, training, in that order."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from train.data.marked_pictures import DRAWN_OVER
from train.detector.candidate_detectors import FloatDetector
from train.detector.data.pictures import Picture
from train.detector.data.training_set import Cutouts, Sources, TrainingData, gather
from train.detector.finish import finish
from train.detector.measuring.score_threshold import faceless
from train.detector.network import face_network
from train.detector.network_files import NO_FILES, NetworkFiles
from train.detector.run import DetectorRun
from train.detector.scenes.mosaic import composed, taken
from train.detector.scenes.placed import Scene, mirrored
from train.detector.settings import DetectorSettings
from train.detector.targets import cell_targets
from train.detector.teacher import Teacher, largest_lean_of_teacher, teacher_of
from train.detector.training_model import begun_from, training_model
from train.errors import DatasetError, RunError
from train.run.begin import begin, held, last_state
from train.run.epoch_end import EpochEnd
from train.run.network_file import load_network, save_network
from train.run.precision import computing_in

log = logging.getLogger(__name__)
VALIDATION_BATCHES = 20
SMALL_STEP_EVERY, SMALL_SIDE_FACTOR, SMALL_BATCH_FACTOR = 8, 2, 2
"""One step in so many is of more scenes of a smaller side. A face that fills a small picture lies
at other cells than one that fills a large one. Beyond a picture's edges there is nothing."""
FRESH_STEPS = 8
"""After so many steps the same scenes come once more, mirrored, in another light. Composing them
takes as long as learning from them."""


def fit_detector(
    settings: DetectorSettings,
    sources: Sources,
    run: DetectorRun,
    cache_folder: Path,
    files: NetworkFiles = NO_FILES,
    resume: bool = False,
) -> keras.Model:
    """Train, or go on training, and leave the finished network in the run folder.

    Returns:
        The network in float32 with averaged weights.

    Raises:
        RunError: the folder holds another run, or this one and `resume` is not asked for. Another
            process writes to it. The weights do not fit.
        DatasetError: the pictures cannot be read, or do not fill a batch, or all show faces.
        ModelError: the teacher is no YuNet.
    """
    with held(run):
        return _fit(settings, sources, run, cache_folder, files, resume)


def _fit(
    settings: DetectorSettings,
    sources: Sources,
    run: DetectorRun,
    cache_folder: Path,
    files: NetworkFiles,
    resume: bool,
) -> keras.Model:
    training = settings.training
    _begin(settings, sources, run, cache_folder, files, resume)
    if run.is_finished:
        log.info("%s is finished: nothing is left to train", run.folder)
        return load_network(run.model_file, run.made_by)
    keras.utils.set_random_seed(training.seed)
    with computing_in(training.precision):
        teacher = teacher_of(settings, sources, files.network)
        begun = begun_from(settings.network.name, files.weights, teacher)
    mistaken = FloatDetector(begun, training.searched_once) if files.weights else None
    data = _checked(gather(sources, cache_folder, mistaken), settings, sources)
    steps = len(data.training) // training.batch
    done, model = _state(run, settings, begun, teacher, steps)
    history = run.read_history()[:done] if done else []
    model.fit(
        _batches(data, settings, done, steps),
        shuffle=False,
        steps_per_epoch=steps,
        initial_epoch=done,
        epochs=training.epochs,
        validation_data=_validation_batches(data.selection, settings),
        callbacks=[EpochEnd(run, history, training.epochs, patience=0)],
        # Off a terminal the progress bar would be one line a step; EpochEnd tells each epoch.
        verbose=int(sys.stdout.isatty()),
    )
    network = face_network(settings.network.name)
    trained = model.get_layer(network.name)
    for layer in network.layers:
        layer.set_weights(trained.get_layer(layer.name).get_weights())
    save_network(network, run.model_file)
    finish(run, network, settings, sources, data)
    return network


def _checked(data: TrainingData, settings: DetectorSettings, sources: Sources) -> TrainingData:
    """The data, if a training can begin with them and be finished.

    Raises:
        DatasetError: they do not fill a batch, or too few are held out.
    """
    pictures, batch = len(data.training), settings.training.batch
    if pictures < batch:
        raise DatasetError(f"{pictures} pictures do not fill a batch of {batch}")
    if not data.selection or not data.reporting:
        raise DatasetError(
            f"{sources.pictures_file} has too few pictures to hold any out: expected some with and "
            f"some without faces that are not of {' or '.join(DRAWN_OVER)}"
        )
    # Checked now: `finish` needs them after hours.
    faceless(data.selection)
    return data


def _state(
    run: DetectorRun,
    settings: DetectorSettings,
    begun: keras.Model,
    teacher: Teacher | None,
    steps: int,
) -> tuple[int, keras.Model]:
    """The epochs that are done, and what is trained.

    Raises:
        RunError: its checkpoint is of another network.
    """
    done, model = last_state(run)
    if model is None:
        with computing_in(settings.training.precision):
            model = training_model(settings, begun, teacher, steps)
    elif _layers(model.get_layer(begun.name)) != _layers(begun):
        raise RunError(
            f"{run.folder} was begun with an older network of the name {settings.network.name}: "
            "it cannot be resumed"
        )
    return done, model


def _layers(network: keras.Model) -> set[str]:
    return {layer.name for layer in network.layers}


def _begin(
    settings: DetectorSettings,
    sources: Sources,
    run: DetectorRun,
    cache_folder: Path,
    files: NetworkFiles,
    resume: bool,
) -> None:
    facts = {"settings": settings.to_json(), "sources": sources.hashes()}
    read = {**sources.files(), "cache": cache_folder, **files.there()}
    whole = {name: str(path.resolve()) for name, path in read.items()}

    def same(before: Mapping[str, Any]) -> dict[str, Any]:
        settings = DetectorSettings.from_json(before["settings"])
        return {**before, "settings": settings.to_json()}

    begin(run, facts, whole, resume, same)


Batch = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]


def _batches(
    data: TrainingData, settings: DetectorSettings, first_epoch: int, steps: int
) -> Iterator[Batch]:
    """Endless; each epoch's batches depend on the seed and on its number alone."""
    epoch, shown = first_epoch, data.shown()
    while True:
        before: list[list[Scene]] = []
        for step in range(steps):
            random = np.random.default_rng((settings.training.seed, epoch, step))
            if step // FRESH_STEPS % 2:
                scenes = [mirrored(one) for one in before.pop(0)]
            else:
                # The second is a small one: Keras takes the sides that differ from the first two.
                is_small = step % SMALL_STEP_EVERY == 1
                scenes = _composed(shown, data.cutouts, settings, is_small, random)
                before.append(scenes)
            yield _batch(scenes, settings, random)
        epoch += 1


def _validation_batches(pictures: list[Picture], settings: DetectorSettings) -> list[Batch]:
    """The same scenes each time."""
    parts = []
    for step in range(VALIDATION_BATCHES):
        random = np.random.default_rng((settings.training.seed, 10**6, step))
        scenes = _composed(pictures, Cutouts(), settings, False, random)
        parts.append(_batch(scenes, settings, random))
    return tuple(np.concatenate(each) for each in zip(*parts, strict=True))  # type: ignore


def _composed(
    pictures: list[Picture],
    cutouts: Cutouts,
    settings: DetectorSettings,
    is_small: bool,
    random: np.random.Generator,
) -> list[Scene]:
    side, count = settings.training.side, settings.training.batch
    if is_small:
        side, count = side // SMALL_SIDE_FACTOR, count * SMALL_BATCH_FACTOR
    return [composed(pictures, side, random, cutouts) for _ in range(count)]


def _batch(scenes: list[Scene], settings: DetectorSettings, random: np.random.Generator) -> Batch:
    lean = largest_lean_of_teacher(settings)
    photos = [taken(one, random) for one in scenes]
    images = np.stack([one.image for one in photos])[..., np.newaxis].astype(np.float32)
    return images, np.stack([cell_targets(one, len(one.image), lean) for one in photos])
