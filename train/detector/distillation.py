"""Learning from a teacher: its features (Romero et al., "FitNets", 2015, arXiv:1412.6550), and its
answers (Hinton et al. 2015, arXiv:1503.02531)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import keras
from keras import ops

from fer_edge.detectors.grid import CHANNELS
from train.detector.losses import (
    BOX_LOSS_WEIGHT,
    LANDMARK_LOSS_WEIGHT,
    focal,
    iou,
    landmark_distance,
)
from train.detector.pyramid import FEATURES
from train.detector.targets import STRIDES

LEAST_VARIANCE_SHARE = 0.0025
"""A channel's variance counts as at least this share of the channels' mean. A channel that hardly
ever says anything has rounding noise, which is not to be learned."""
TEACHERS_LANDMARK_WEIGHT = 0.4
"""The weight of a teacher's landmarks; that of people's is 1."""


@keras.saving.register_keras_serializable(package="fer_edge")
class FeatureDistance(keras.layers.Layer):
    """How far each cell's features are from the teacher's, as one more column of its outputs.

    It is the mean squared error, in variances of the teacher's channels. The loss decides which
    cells count; the sum over all of a scene is the mean over layers and places, times the weight.

    Takes (batch, cells, columns), the student's features and the teacher's; gives (batch, cells,
    columns + 1).
    """

    def __init__(
        self, weight: float, strides: Sequence[int] = tuple(FEATURES.values()), **kwargs: Any
    ) -> None:
        """Args:
        weight: of the mean.
        strides: of the features, in their order. Checkpoints from before other students could
            learn features do not have them.
        kwargs: any layer's.
        """
        super().__init__(**kwargs)
        self.weight, self.strides = weight, list(strides)

    def call(self, rows: Any, students: list[Any], teachers: list[Any]) -> Any:
        errors: dict[int, Any] = dict.fromkeys(STRIDES, 0.0)
        for stride, student, teacher in zip(self.strides, students, teachers, strict=True):
            errors[stride] += _share_of_mean(student, teacher)
        column = ops.concatenate(
            [ops.reshape(one, (ops.shape(one)[0], -1, 1)) for one in errors.values()], axis=1
        )
        return ops.concatenate([rows, self.weight / len(self.strides) * column], axis=-1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "weight": self.weight, "strides": self.strides}


def _share_of_mean(student: Any, teacher: Any) -> Any:
    """(batch, height, width): what each place adds to the scene's mean squared error."""
    teacher = ops.stop_gradient(ops.cast(teacher, "float32"))
    variance = ops.var(teacher, axis=(0, 1, 2))
    least = LEAST_VARIANCE_SHARE * ops.mean(variance) + 1e-6
    squared = ops.square(ops.cast(student, "float32") - teacher) / ops.maximum(variance, least)
    _, height, width, _ = ops.shape(teacher)
    return ops.mean(squared, axis=-1) / ops.cast(height * width, "float32")


@keras.saving.register_keras_serializable(package="fer_edge")
class AnswerDistance(keras.layers.Layer):
    """How far each cell's answer is from the teacher's, as one more column of its outputs.

    It is the loss that labels have, with the teacher's score for the share of a face. Boxes and
    landmarks count by its square: where the teacher sees no face, its boxes mean nothing.

    Takes (batch, cells, columns) and the teacher's (batch, cells, CHANNELS); gives (batch, cells,
    columns + 1).
    """

    def __init__(self, weight: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.weight = weight

    def call(self, rows: Any, teachers: Any) -> Any:
        teachers = ops.stop_gradient(teachers)
        score = ops.sigmoid(teachers[..., 0])
        counts = ops.square(score)
        _, generalized = iou(teachers[..., 1:5], rows[..., 1:5])
        points = landmark_distance(teachers[..., 1:CHANNELS], rows[..., 1:CHANNELS])
        placed = BOX_LOSS_WEIGHT * (1 - generalized)
        placed += TEACHERS_LANDMARK_WEIGHT * LANDMARK_LOSS_WEIGHT * points
        faces = ops.sum(counts) / ops.cast(ops.shape(rows)[0], "float32")
        column = (focal(score, rows[..., 0]) + placed * counts) / ops.maximum(faces, 1.0)
        return ops.concatenate([rows, self.weight * column[..., None]], axis=-1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "weight": self.weight}


def with_features(network: keras.Model, names: Iterable[str], name: str = "") -> keras.Model:
    """The same layers; the features of these names come after the outputs."""
    features = [network.get_layer(one).output for one in names]
    outputs = [*network.outputs, *features]
    return keras.Model(network.inputs[0], outputs, name=name or network.name)
