"""Train the face detector: scenes, network, training, in that order."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt

from train.detector.data.pictures import Picture
from train.detector.data.training_set import Cutouts, Material, Sources, gather
from train.detector.finders import FloatFinder
from train.detector.finish import finish
from train.detector.losses import detection_loss
from train.detector.network import face_network
from train.detector.rows import Rows
from train.detector.scenes.mosaic import scene
from train.detector.settings import DetectorSettings
from train.detector.targets import goals
from train.errors import DatasetError, RunError
from train.layers.fast_batch_norm import with_fast_batch_norm
from train.run.begin import machine, resumed
from train.run.command import command
from train.run.epoch_end import EpochEnd
from train.run.folder import RunFolder, read_json, write_json
from train.run.network_file import save_network
from train.weights.starting_weights import load_starting_weights

log = logging.getLogger(__name__)
VALIDATION_BATCHES = 20


def fit_detector(
    settings: DetectorSettings,
    sources: Sources,
    run: RunFolder,
    cache: Path,
    weights_file: Path | None = None,
    resume: bool = False,
) -> keras.Model:
    """Train, or go on training, and leave the finished network in the run folder.

    Returns:
        The network in float32 with averaged weights.

    Raises:
        RunError: the folder holds another run, or this one and `resume` is not asked for; or
            weights that do not fit.
        DatasetError: the pictures cannot be read, or do not fill a batch.
        ModelError: the teacher is no YuNet.
    """
    done = _begin(settings, sources, run, resume)
    keras.utils.set_random_seed(settings.seed)
    with _computing_in(settings.precision):
        begun = _begun_from(weights_file)
    material = gather(sources, cache, FloatFinder(begun) if weights_file else None)
    pictures = len(material.learned)
    if pictures < settings.batch or not material.held_out:
        raise DatasetError(f"{pictures} pictures do not fill a batch of {settings.batch}")
    steps = pictures // settings.batch
    with _computing_in(settings.precision):
        model = resumed(run, done) if done else _training_model(settings, begun, steps)
    history = read_json(run.history)[:done] if done else []
    model.fit(
        _batches(material, settings, done, steps),
        shuffle=False,
        steps_per_epoch=steps,
        initial_epoch=done,
        epochs=settings.epochs,
        validation_data=_held_out_batches(material.held_out, settings),
        callbacks=[EpochEnd(run, history, settings.epochs, patience=0)],
        verbose=1 if sys.stderr.isatty() else 2,
    )
    network = face_network()
    network.set_weights(model.get_layer("face").get_weights())
    save_network(network, run.model)
    finish(run, network, settings, sources, material)
    return network


def _begin(settings: DetectorSettings, sources: Sources, run: RunFolder, resume: bool) -> int:
    facts = {"settings": dataclasses.asdict(settings), "sources": sources.hashes()}
    if run.settings.exists():
        before = read_json(run.settings)
        if not resume:
            raise RunError(f"{run.path} holds a run; add --resume to go on, or name another folder")
        known = {**before, "settings": {**before["settings"]}}
        if known["settings"].get("rounded") is False:
            del known["settings"]["rounded"]  # A setting that is gone, at what meant nothing.
        if any(known.get(key) != facts[key] for key in facts):
            raise RunError(f"{run.path} was begun otherwise; its command was: {before['command']}")
        return max(run.checkpoints(), default=0)
    run.path.mkdir(parents=True, exist_ok=True)
    started = time.strftime("%Y-%m-%d %H:%M:%S")
    made = {"command": command(), "started": started, "machine": machine()}
    write_json(run.settings, {**facts, **made})
    return 0


@contextlib.contextmanager
def _computing_in(precision: str) -> Iterator[None]:
    """What is built meanwhile has this Keras dtype policy."""
    keras.config.set_dtype_policy(precision)
    try:
        yield
    finally:
        keras.config.set_dtype_policy("float32")


def _begun_from(weights_file: Path | None) -> keras.Model:
    network = face_network()
    if weights_file:
        load_starting_weights(network, weights_file)
    return network


def _training_model(settings: DetectorSettings, network: keras.Model, steps: int) -> keras.Model:
    network = with_fast_batch_norm(network)
    pixels = keras.Input((settings.side, settings.side, 1))
    model = keras.Model(pixels, Rows(dtype="float32")(network(pixels)))
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0,
        decay_steps=max(1, (settings.epochs - 1) * steps),
        warmup_target=settings.learning_rate,
        warmup_steps=steps,
    )
    model.compile(
        optimizer=keras.optimizers.Adam(
            schedule,
            weight_decay=settings.weight_decay or None,
            clipnorm=10.0,
            use_ema=settings.average > 0,
            ema_momentum=settings.average or 0.99,
        ),
        loss=detection_loss,
        jit_compile=False if keras.backend.backend() == "tensorflow" else "auto",
    )
    return model


Batch = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]


def _batches(
    material: Material, settings: DetectorSettings, first_epoch: int, steps: int
) -> Iterator[Batch]:
    """Endless; each batch depends on the seed, its epoch and its step alone."""
    epoch, shown = first_epoch, material.shown()
    while True:
        for step in range(steps):
            yield _batch(shown, material.cutouts, settings, (settings.seed, epoch, step))
        epoch += 1


def _held_out_batches(pictures: list[Picture], settings: DetectorSettings) -> list[Batch]:
    """The same scenes each time."""
    parts = [
        _batch(pictures, Cutouts(), settings, (settings.seed, 10**6, step))
        for step in range(VALIDATION_BATCHES)
    ]
    return tuple(np.concatenate(each) for each in zip(*parts, strict=True))  # type: ignore


def _batch(
    pictures: list[Picture],
    cutouts: Cutouts,
    settings: DetectorSettings,
    seed: tuple[int, ...],
) -> Batch:
    random = np.random.default_rng(seed)
    scenes = [scene(pictures, settings.side, random, cutouts) for _ in range(settings.batch)]
    images = np.stack([one.image for one in scenes])[..., np.newaxis].astype(np.float32)
    return images, np.stack([goals(one, settings.side) for one in scenes])
