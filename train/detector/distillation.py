"""Learning a teacher's features (Romero et al., "FitNets", 2015, arXiv:1412.6550)."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from train.detector.pyramid import FEATURES
from train.detector.targets import STRIDES

LEAST_VARIANCE_SHARE = 0.0025
"""A channel's variance counts as at least this share of the channels' mean: rounding noise of a
channel that hardly ever says anything is not to be learned."""


@keras.saving.register_keras_serializable(package="fer_edge")
class FeatureDistance(keras.layers.Layer):
    """How far each cell's features are from the teacher's, as one more column of its outputs.

    It is the mean squared error, in variances of the teacher's channels. The loss decides which
    cells count; the sum over all of a scene is the mean over layers and places, times the weight.

    Takes (batch, cells, columns), the student's features and the teacher's; gives (batch, cells,
    columns + 1).
    """

    def __init__(self, weight: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.weight = weight

    def call(self, rows: Any, students: list[Any], teachers: list[Any]) -> Any:
        errors: dict[int, Any] = dict.fromkeys(STRIDES, 0.0)
        for stride, student, teacher in zip(FEATURES.values(), students, teachers, strict=True):
            errors[stride] += _share_of_mean(student, teacher)
        column = ops.concatenate(
            [ops.reshape(one, (ops.shape(one)[0], -1, 1)) for one in errors.values()], axis=1
        )
        return ops.concatenate([rows, self.weight / len(FEATURES) * column], axis=-1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "weight": self.weight}


def _share_of_mean(student: Any, teacher: Any) -> Any:
    """(batch, height, width): what each place adds to the scene's mean squared error."""
    teacher = ops.stop_gradient(ops.cast(teacher, "float32"))
    variance = ops.var(teacher, axis=(0, 1, 2))
    least = LEAST_VARIANCE_SHARE * ops.mean(variance) + 1e-6
    squared = ops.square(ops.cast(student, "float32") - teacher) / ops.maximum(variance, least)
    _, height, width, _ = ops.shape(teacher)
    return ops.mean(squared, axis=-1) / ops.cast(height * width, "float32")


def with_features(network: keras.Model) -> keras.Model:
    """The same layers; the features come after the outputs."""
    features = [network.get_layer(name).output for name in FEATURES]
    return keras.Model(network.inputs[0], [*network.outputs, *features], name=network.name)
