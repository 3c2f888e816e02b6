"""Soft targets: teachers' probabilities for the pictures that a student will learn from.

Hinton et al., "Distilling the Knowledge in a Neural Network", 2015 (arXiv:1503.02531). Student and
teacher see the same view. That is after Beyer et al., "Knowledge distillation: A good teacher is
patient and consistent", 2021 (arXiv:2106.05237).

Views are numbered: epoch e shows view e modulo their number. So the teachers compute each view once
and not in every epoch. They see it mirrored, too, and without the blur and noise that a student may
get. The mean over all views of a face is right more often than one view, and can be mixed in. Where
it is the whole target, each epoch shows new views.
"""

from __future__ import annotations

import dataclasses
import logging
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt

from train.emotion.dataset import TrainingSet, batches
from train.emotion.distillation.teacher import Teacher, ask, load_teacher, together
from train.emotion.run import EmotionRun
from train.emotion.settings import HEADS, Settings
from train.errors import RunError
from train.layers.augmentation import augmentation
from train.run.files import replacing
from train.run.reseed import reseed

log = logging.getLogger(__name__)
Mask = npt.NDArray[np.bool_]


def with_soft_targets(
    teachers: list[EmotionRun],
    labels: tuple[str, ...],
    training_set: TrainingSet,
    settings: Settings,
    folder: Path,
    may_answer: Mask | None = None,
) -> TrainingSet:
    """The training set with the teachers' mean probabilities: for each view, or, with
    `distillation.views_mean=1`, for each face.

    Each view's answers are kept in `folder`, so that a training that was stopped finds them.

    Args:
        teachers: finished runs.
        labels: the classes to be learned.
        training_set: what the student learns from.
        settings: of the student.
        folder: for the answers.
        may_answer: (teachers, faces), which teachers are used for which faces; all, if None.

    Returns:
        With NaN for an output without a teacher.

    Raises:
        RunError: a teacher is not finished, takes other pictures, or knows other classes. It has a
            head that the student lacks. It has learned from faces that the student is measured by.
            There are faces without labels, and a head without a teacher. Faces are mixed in
            pairs, and a teacher is not used for all of them. Or a face without a label is in no
            view.
    """
    heads = _heads(settings)
    # Teachers answer for each face once in a view.
    asked = dataclasses.replace(training_set, in_pairs=False)
    said = _asked(teachers, labels, asked, settings, folder, may_answer)
    chosen, seed, batch = settings.distillation, settings.training.seed, settings.training.batch
    # Auxiliary heads get the same soft targets as the network's own output.
    outputs = len(training_set.targets) // heads
    taught = dataclasses.replace(training_set, teachers_weight=chosen.weight)
    if chosen.views_mean:
        shown = np.stack([asked.order(seed, view, batch) for view in range(chosen.views)])
        means = _means(said, shown, len(asked.images))
        if chosen.views_mean == 1:
            _check_taught(taught, means, chosen.views)
            means = np.repeat(_at_temperature(means, chosen.temperature), outputs, axis=0)
            return dataclasses.replace(taught, face_targets=means)
        of_places = np.moveaxis(means[:, shown], 0, 1)
        said = (1 - chosen.views_mean) * said + chosen.views_mean * of_places
    said = np.repeat(_at_temperature(said, chosen.temperature), outputs, axis=1)
    return dataclasses.replace(taught, soft_targets=said)


def _heads(settings: Settings) -> int:
    return len(HEADS) if settings.network.two_heads else 1


def _check_taught(training_set: TrainingSet, means: npt.NDArray[np.float32], views: int) -> None:
    without = np.isnan(means).all(axis=(0, 2)) & np.isnan(training_set.targets[0]).any(axis=1)
    if without.any():
        raise RunError(
            f"{without.sum()} faces have no label, and are in none of {views} views: expected more "
            "distillation.views"
        )


def _asked(
    teachers: list[EmotionRun],
    labels: tuple[str, ...],
    training_set: TrainingSet,
    settings: Settings,
    folder: Path,
    may_answer: Mask | None,
) -> npt.NDArray[np.float32]:
    """What the teachers say of each view, (views, heads, places in the epoch, classes)."""
    heads = _heads(settings)
    networks = [
        load_teacher(
            run,
            labels,
            training_set.spec,
            heads,
            settings.training.precision,
            settings.data.also_public,
        )
        for run in teachers
    ]
    untaught = [HEADS[head] for head in range(heads) if not any(head in n.heads for n in networks)]
    if untaught and np.isnan(training_set.targets[0]).any():
        raise RunError(
            f"no teacher has the head for {untaught[0]}, and faces without labels have no other "
            "targets: add a teacher that has it, or leave --unlabelled out"
        )
    if may_answer is not None and settings.augmentation.mixup and not may_answer.all():
        raise RunError(
            "mixed faces come from two parts, and a teacher that held one of them out has learned "
            "from the other: choose augmentation.mixup or teachers that held out parts"
        )
    if may_answer is None:
        may_answer = np.ones((len(networks), len(training_set.images)), bool)
    # Without blur and noise, with which teachers are more often wrong. These are drawn last, so
    # that everything else stays the same.
    layers = augmentation(settings.training.seed, settings.augmentation.strength)
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for view in range(settings.distillation.views):
        path = folder / f"view-{view:03d}.npy"
        if not path.exists():
            log.info(
                "view %d of %d: asking %s",
                view + 1,
                settings.distillation.views,
                f"{len(networks)} teachers" if len(networks) > 1 else "1 teacher",
            )
            said = _answers(networks, heads, layers, training_set, settings, view, may_answer)
            with replacing(path) as draft:
                np.save(draft, said.astype(np.float16))
        found.append(_read_view(path))
    return np.stack(found)


def _read_view(path: Path) -> npt.NDArray[np.float32]:
    try:
        return np.asarray(np.load(path, allow_pickle=False), np.float32)
    except (OSError, ValueError, EOFError) as error:
        raise RunError(
            f"{path} cannot be read ({error}); delete it, and it is made anew"
        ) from error


def _means(
    said: npt.NDArray[np.float32], shown: npt.NDArray[np.int64], faces: int
) -> npt.NDArray[np.float32]:
    """For each face, the mean of its soft targets over all views, (heads, faces, classes).

    Args:
        said: (views, heads, places, classes).
        shown: (views, places), face numbers; a view may leave some out.
        faces: how many there are; NaN for those in no view.
    """
    sums = np.zeros((faces, *said.shape[1::2]), np.float32)
    for answers, numbers in zip(said, shown, strict=True):
        np.add.at(sums, numbers, np.moveaxis(answers, 0, 1))
    times = np.bincount(shown.ravel(), minlength=faces).astype(np.float32)
    times[times == 0] = np.nan
    means = (sums / times[:, np.newaxis, np.newaxis]).astype(np.float32)
    return np.moveaxis(means, 1, 0)


def _at_temperature(said: npt.NDArray[np.float32], temperature: float) -> npt.NDArray[np.float32]:
    """Probabilities to the power of 1/temperature, that add up to 1 again."""
    if temperature == 1:
        return said
    powers = said ** (1 / temperature)
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), np.float32)


def _answers(
    teachers: list[Teacher],
    heads: int,
    layers: list[keras.layers.Layer],
    training_set: TrainingSet,
    settings: Settings,
    view: int,
    may_answer: Mask,
) -> npt.NDArray[np.float32]:
    reseed([v for layer in layers for v in layer.variables], settings.training.seed, view)
    shown = batches(training_set, settings.training.batch, settings.training.seed, view)
    order = training_set.order(settings.training.seed, view, settings.training.batch)
    said = []
    for numbers in order.reshape(-1, settings.training.batch):
        pictures = keras.ops.convert_to_tensor(next(shown)[0])
        for layer in layers:
            pictures = layer(pictures, training=True)
        said.append(together(ask(teachers, heads, pictures, may_answer[:, numbers])))
    return np.concatenate(said, axis=1).astype(np.float32)
