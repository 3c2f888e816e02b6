"""What larger networks say to the very pictures that a small one will learn from.

Hinton et al., "Distilling the Knowledge in a Neural Network", 2015 (arXiv:1503.02531); the same
view to both, after Beyer et al., "Knowledge distillation: A good teacher is patient and
consistent", 2021 (arXiv:2106.05237). Views are numbered: epoch e shows view e modulo their number,
so that the teachers answer to each view once and not in every epoch. They see it mirrored, too, and
without the blur and noise that a pupil may be given.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from train.data.faces import Faces
from train.errors import RunError
from train.learning.augmentation import augmentation
from train.learning.batches import Lesson, batches
from train.learning.copied import copied
from train.learning.reseed import reseed
from train.measuring.answers import load_network, probabilities_of
from train.run_folder import RunFolder
from train.settings import HEADS, Settings

log = logging.getLogger(__name__)


def teaching(
    teachers: list[RunFolder], faces: Faces, lesson: Lesson, settings: Settings, folder: Path
) -> npt.NDArray[np.float32]:
    """The teachers' mean probabilities for each view, in the order in which it is shown.

    Each view's answers are kept in `folder`, so that a training that was stopped finds them.

    Returns:
        (views, outputs, faces that fill batches, classes); NaN for an output that none teaches.

    Raises:
        RunError: a teacher is not finished, takes other pictures, knows other classes, or answers
            a question that the pupil is not asked.
    """
    heads = len(HEADS) if settings.two_heads else 1
    networks = [_teacher(run, faces, lesson, settings, heads) for run in teachers]
    # Without blur and noise: they would make the teachers wrong, and are drawn last, so that all
    # else stays the same.
    layers = augmentation(settings.seed, settings.augmentation)
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for view in range(settings.views):
        path = folder / f"view-{view:03d}.npy"
        if not path.exists():
            log.info("view %d of %d: asking %d teachers", view + 1, settings.views, len(networks))
            said = _answers(networks, heads, layers, lesson, settings, view)
            half_written = folder / "half-written.npy"
            np.save(half_written, said.astype(np.float16))
            os.replace(half_written, path)
        found.append(np.load(path).astype(np.float32))
    # Auxiliary heads are taught what the network's own output is.
    return np.repeat(np.stack(found), len(lesson.targets) // heads, axis=1)


@dataclass(frozen=True)
class Teacher:
    """A finished network that is asked."""

    network: keras.Model
    """Pixels to logits."""
    temperature: float
    """What its logits are divided by."""
    heads: tuple[int, ...]
    """For each of its outputs, which of the pupil's it teaches."""


def _teacher(
    run: RunFolder, faces: Faces, lesson: Lesson, settings: Settings, heads: int
) -> Teacher:
    card, network = run.read_card(), load_network(run.model)
    taught = _taught(run.read_settings(), heads)
    if len(network.outputs) != len(taught):
        raise RunError(
            f"{run.path} cannot teach: it answers {len(network.outputs)} questions, the pupil is "
            f"asked {heads}"
        )
    if card.labels != faces.labels or card.input != lesson.spec:
        raise RunError(
            f"{run.path} cannot teach: it knows {', '.join(card.labels)} in {card.input}, to be "
            f"learned are {', '.join(faces.labels)} in {lesson.spec}"
        )
    return Teacher(computing_in(settings.precision, network), card.temperature, taught)


def computing_in(precision: str, network: keras.Model) -> keras.Model:
    """The same network under another Keras dtype policy, which its file does not let choose.

    What it tells stays in float32. In bfloat16 plain convolutions take half the time.
    """
    told = {output._keras_history.operation.name for output in network.outputs}

    def converted(layer: keras.Layer) -> keras.Layer:
        config = layer.get_config()
        if layer.name not in told:
            config["dtype"] = precision
        return type(layer).from_config(config)

    return copied(network, converted)


def _taught(settings: Settings, heads: int) -> tuple[int, ...]:
    """The pupil's heads that a teacher with these settings answers for; none if it cannot tell."""
    if heads == 1:
        return (0,)
    if settings.two_heads and not settings.head:
        return tuple(range(heads))
    pure = {1.0: "people", 0.0: "labels"}
    question = settings.head or pure.get(settings.votes_weight)
    return (HEADS.index(question),) if question else ()


def _answers(
    teachers: list[Teacher],
    heads: int,
    layers: list[keras.Layer],
    lesson: Lesson,
    settings: Settings,
    view: int,
) -> npt.NDArray[np.float32]:
    reseed([v for layer in layers for v in layer.variables], settings.seed, view)
    shown = batches(lesson, settings.batch, settings.seed, view)
    said = []
    for _ in range(len(lesson.images) // settings.batch):
        pictures = keras.ops.convert_to_tensor(next(shown)[0])
        for layer in layers:
            pictures = layer(pictures, training=True)
        each = np.full((len(teachers), heads, settings.batch, lesson.targets[0].shape[1]), np.nan)
        for answer, teacher in zip(each, teachers, strict=True):
            for head, probabilities in zip(teacher.heads, _asked(teacher, pictures), strict=True):
                answer[head] = probabilities
        said.append(_mean(each))
    return np.concatenate(said, axis=1).astype(np.float32)


def _mean(each: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """Over those along the first axis that say anything; NaN where none does."""
    spoke = ~np.isnan(each)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(spoke, each, 0).sum(axis=0) / spoke.sum(axis=0))


def _asked(teacher: Teacher, pictures: Any) -> list[npt.NDArray[np.float32]]:
    """The probabilities of each output: the mean for the pictures and for their mirror images,
    which is right more often than either.
    """
    sides = [_outputs(teacher, side) for side in (pictures, keras.ops.flip(pictures, axis=2))]
    return [
        np.mean([probabilities_of(logits, teacher.temperature) for logits in both], axis=0)
        for both in zip(*sides, strict=True)
    ]


def _outputs(teacher: Teacher, pictures: Any) -> list[npt.NDArray[np.float32]]:
    """The logits of each output."""
    said = teacher.network.predict_on_batch(pictures)
    return said if isinstance(said, list) else [said]
