"""Teachers: finished networks that give soft targets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from fer_edge.models.card import InputSpec, ModelCard
from train.emotion.measuring.inference import probabilities_of
from train.emotion.run import EmotionRun
from train.emotion.settings import HEADS, Settings
from train.errors import RunError
from train.layers.copied import copied
from train.networks import find_network
from train.run.network_file import load_network

Floats = npt.NDArray[np.floating]


@dataclass(frozen=True)
class Teacher:
    """A teacher."""

    network: keras.Model
    """Pixels to logits."""
    card: ModelCard
    """Its input and its labels."""
    heads: tuple[int, ...]
    """For each of its outputs, which of the student's it teaches."""
    mirror_tied: bool
    """Whether it gives the same answer for a picture and its mirror image by its structure."""


def load_teacher(
    run: EmotionRun,
    labels: tuple[str, ...],
    spec: InputSpec,
    heads: int,
    precision: str,
    also_public: float,
) -> Teacher:
    """The teacher that a run has left.

    Args:
        run: a finished one.
        labels: the classes to be learned.
        spec: the pictures that they are learned from.
        heads: how many heads the student has: one, or those of HEADS.
        precision: the Keras dtype policy that it is to compute in.
        also_public: the share of PublicTest that a student learns from. A teacher must not have
            learned from the rest, because the student is measured by it.

    Raises:
        RunError: it is not finished, takes other pictures, or knows other classes. It has two
            heads and the student one, or it has learned what neither of two heads learns. It has
            learned from faces that a student is measured by.
    """
    run.check_one_network()
    settings, card, network = run.read_settings(), run.read_card(), load_network(run.model_file)
    taught = _taught(settings, heads)
    if settings.data.also_public not in (0, also_public):
        raise RunError(
            f"{run.folder} cannot teach: it has learned from {settings.data.also_public:g} of "
            f"PublicTest, expected none or what its student learns from, {also_public:g} "
            "(data.also_public)"
        )
    if heads == 1:
        run.check_one_head()
    if not taught:
        raise RunError(
            f"{run.folder} cannot teach either of two heads: it has learned a mix of votes and "
            "labels"
        )
    if len(network.outputs) != len(taught):
        raise RunError(
            f"{run.folder} cannot teach: its network has {len(network.outputs)} outputs, its "
            f"settings name {len(taught)}"
        )
    if card.labels != labels or card.input != spec:
        raise RunError(
            f"{run.folder} cannot teach: its labels are {', '.join(card.labels)} of "
            f"{_told(card.input)}, those of the student {', '.join(labels)} of {_told(spec)}"
        )
    mirrored = find_network(settings.network.name).mirror_tied
    return Teacher(with_precision(precision, network), card, taught, mirrored)


def _told(spec: InputSpec) -> str:
    return f"{spec.colour} pictures of {spec.width}x{spec.height} with a margin of {spec.margin:g}"


def with_precision(precision: str, network: keras.Model) -> keras.Model:
    """The same network under another Keras dtype policy, which its file does not let choose.

    Its outputs stay in float32. In bfloat16 plain convolutions take half the time.
    """
    told = {output._keras_history.operation.name for output in network.outputs}

    def converted(layer: keras.Layer) -> keras.Layer:
        config = layer.get_config()
        if layer.name not in told:
            config["dtype"] = precision
        return type(layer).from_config(config)

    return copied(network, converted)


def ask(
    teachers: list[Teacher],
    heads: int,
    pictures: Any,
    may_answer: npt.NDArray[np.bool_] | None = None,
) -> Floats:
    """Each teacher's probabilities: the mean for the pictures and for their mirror images. That is
    right more often than one of the two.

    Args:
        teachers: of the same classes.
        heads: how many heads the student has.
        pictures: float pixels 0..255, (faces, height, width, channels).
        may_answer: (teachers, faces), which teachers are used for which pictures; all, if None.

    Returns:
        Probabilities, (teachers, heads, faces, classes). NaN for a head that a teacher does not
        have, and for pictures that it is not used for.
    """
    classes = len(teachers[0].card.labels)
    each = np.full((len(teachers), heads, len(pictures), classes), np.nan)
    for number, teacher in enumerate(teachers):
        asked = np.arange(len(pictures))
        some = pictures
        if may_answer is not None and not may_answer[number].all():
            asked = np.flatnonzero(may_answer[number])
            if not len(asked):
                continue
            some = keras.ops.take(pictures, asked, axis=0)
        sides = [_outputs(teacher, some)]
        if not teacher.mirror_tied:
            sides.append(_outputs(teacher, keras.ops.flip(some, axis=2)))
        for head, both in zip(teacher.heads, zip(*sides, strict=True), strict=True):
            each[number, head, asked] = np.mean(both, axis=0)
    return each


def together(each: Floats) -> Floats:
    """The mean over the first axis without NaN; NaN where all are."""
    spoke = ~np.isnan(each)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(spoke, each, 0).sum(axis=0) / spoke.sum(axis=0))


def _taught(settings: Settings, heads: int) -> tuple[int, ...]:
    """The student's heads that a teacher with these settings can teach; none if that is unknown."""
    if heads == 1:
        return (0,)
    if settings.network.two_heads and not settings.network.head:
        return tuple(range(heads))
    pure = {1.0: "people", 0.0: "labels"}
    question = settings.network.head or pure.get(settings.targets.votes_weight)
    return (HEADS.index(question),) if question in HEADS else ()


def _outputs(teacher: Teacher, pictures: Any) -> list[Floats]:
    """The probabilities of each output."""
    said = teacher.network.predict_on_batch(pictures)
    logits = said if isinstance(said, list) else [said]
    return [probabilities_of(one, teacher.card.temperature) for one in logits]
