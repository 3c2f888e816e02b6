"""Train one network: prepare, build, train, evaluate, in that order."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import logging
import sys
import time
from pathlib import Path
from typing import Any

import keras

from fer_edge.models.card import InputSpec, ModelCard
from fer_edge.version import __version__
from train.augmentation import augmentation
from train.batches import batches
from train.command import command
from train.curves import draw_curves
from train.epoch_end import EpochEnd
from train.errors import DatasetError, RunError
from train.faces import SPLITS, Faces
from train.networks import build
from train.prepared import Prepared, hash_of
from train.reseed import Reseed
from train.run_folder import RunFolder, read_json, write_json
from train.settings import Settings
from train.sources import Votes
from train.targets import targets

log = logging.getLogger(__name__)


def fit(
    settings: Settings,
    data: Prepared,
    votes: Votes | None,
    votes_file: Path | None,
    run: RunFolder,
    resume: bool = False,
) -> keras.Model:
    """Train, or go on training, and leave the finished model in the run folder.

    Returns:
        The network in float32 with averaged weights.

    Raises:
        RunError: the folder holds another run, or this one and `resume` is not asked for.
        DatasetError: no training faces, fewer than one batch, or votes of other faces.
    """
    learning = data.faces.only("Training")
    if len(learning) < settings.batch:
        raise DatasetError(
            f"{len(learning)} training faces do not fill a batch of {settings.batch}"
        )
    wanted = targets(learning, votes, settings.votes_weight)
    steps = len(learning) // settings.batch
    card = _card(settings, data, votes_file)
    done = _open(run, settings, data, card, resume)

    keras.utils.set_random_seed(settings.seed)
    keras.config.set_dtype_policy(settings.precision)
    try:
        model = _resumed(run, done) if done else _compiled(settings, card, steps)
    finally:
        keras.config.set_dtype_policy("float32")
    history = [row for row in _history(run) if row["epoch"] <= done]
    model.fit(
        batches(learning.images, wanted, settings.batch, settings.seed, done),
        shuffle=False,
        steps_per_epoch=steps,
        initial_epoch=done,
        epochs=settings.epochs,
        validation_data=_validation(data.faces),
        validation_batch_size=512,
        # Each epoch's validation is of the weights as they are; their average takes their place
        # when all epochs are done. Early on it would be far off: it still holds the initial ones.
        callbacks=[Reseed(settings.seed), EpochEnd(run, history, settings.epochs)],
        verbose=1 if sys.stderr.isatty() else 2,
    )
    return _finish(model, run, settings, card, history)


def _card(settings: Settings, data: Prepared, votes_file: Path | None) -> ModelCard:
    faces = data.faces
    height, width, channels = faces.images.shape[1:]
    split_sizes = {name: int((faces.split == n).sum()) for n, name in enumerate(SPLITS)}
    origin: dict[str, Any] = {
        "data": {"file": data.source, "sha256": data.sha256, "faces": split_sizes},
        "settings": dataclasses.asdict(settings),
        "command": command(),
    }
    if votes_file is not None:
        origin["votes"] = {"file": votes_file.name, "sha256": hash_of(votes_file)}
    return ModelCard(
        name=settings.network,
        labels=faces.labels,
        input=InputSpec(height, width, "grey" if channels == 1 else "rgb", margin=0.0),
        temperature=1.0,
        origin=origin,
        accuracy={},
        versions={
            "fer_edge": __version__,
            "keras": keras.__version__,
            keras.backend.backend(): importlib.metadata.version(keras.backend.backend()),
        },
        minimum_runtime="0.1.0",
    )


def _open(run: RunFolder, settings: Settings, data: Prepared, card: ModelCard, resume: bool) -> int:
    """Make or check the run folder; the number of epochs already done."""
    votes = card.origin.get("votes", {}).get("sha256")
    facts = {"settings": dataclasses.asdict(settings), "data": data.sha256, "votes": votes}
    if run.settings.exists():
        if not resume:
            raise RunError(f"{run.path} holds a run; add --resume to go on, or name another folder")
        before = read_json(run.settings)
        changed = [key for key in facts if before.get(key) != facts[key]]
        if changed:
            raise RunError(
                f"{run.path} was begun with other {' and '.join(changed)}; "
                f"its command was: {before.get('command')}"
            )
        return max(run.checkpoints(), default=0)
    run.path.mkdir(parents=True, exist_ok=True)
    started = time.strftime("%Y-%m-%d %H:%M:%S")
    write_json(run.card, card.to_json())
    write_json(run.settings, {**facts, "command": command(), "started": started})
    return 0


def _compiled(settings: Settings, card: ModelCard, steps: int) -> keras.Model:
    network = build(settings.network, card.input, len(card.labels))
    model = keras.Sequential([*augmentation(settings.seed), network])
    model.build((None, *network.input_shape[1:]))
    warm_up = min(steps, settings.epochs * steps // 2)
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0,
        decay_steps=max(1, settings.epochs * steps - warm_up),
        warmup_target=settings.learning_rate,
        warmup_steps=warm_up,
    )
    model.compile(
        optimizer=keras.optimizers.SGD(
            schedule,
            momentum=0.9,
            nesterov=True,
            weight_decay=settings.weight_decay,
            use_ema=True,
            ema_momentum=settings.average,
        ),
        loss=keras.losses.CategoricalCrossentropy(
            from_logits=True, label_smoothing=settings.label_smoothing
        ),
        metrics=[keras.metrics.CategoricalAccuracy(name="accuracy")],
        jit_compile=False if keras.backend.backend() == "tensorflow" else "auto",
    )
    return model


def _resumed(run: RunFolder, done: int) -> keras.Model:
    log.info("resuming %s after epoch %d", run.path, done)
    try:
        return keras.saving.load_model(run.checkpoint(done))
    except (OSError, ValueError) as error:
        raise RunError(
            f"{run.checkpoint(done)} cannot be read ({error}); "
            "delete it to go on from the one before"
        ) from error


def _history(run: RunFolder) -> list[dict[str, float]]:
    return list(read_json(run.history)) if run.history.exists() else []


def _validation(faces: Faces) -> tuple[Any, Any] | None:
    """PublicTest, by its labels; PrivateTest has no say in anything that is chosen."""
    public = faces.split == SPLITS.index("PublicTest")
    if not public.any():
        return None
    chosen = faces.where(public, "PublicTest")
    return chosen.images.astype("float32"), targets(chosen, None, 0.0)


def _finish(
    model: keras.Model,
    run: RunFolder,
    settings: Settings,
    card: ModelCard,
    history: list[dict[str, float]],
) -> keras.Model:
    network = build(settings.network, card.input, len(card.labels))
    network.set_weights(model.layers[-1].get_weights())
    network.save(run.model)
    draw_curves(history, run.curves)
    return network
