"""Learning a teacher's features (Romero et al., "FitNets", 2015, arXiv:1412.6550)."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from train.detector.pyramid import FEATURES

LEAST_VARIANCE_SHARE = 0.0025
"""A channel's variance counts as at least this share of the channels' mean: rounding noise of a
channel that hardly ever says anything is not to be learned."""


@keras.saving.register_keras_serializable(package="fer_edge")
class FeatureDistance(keras.layers.Layer):
    """Adds a loss: the mean squared error of the student's features, in variances of the teacher's
    channels, over these layers.

    Takes the student's outputs, its features and the teacher's; gives the outputs.
    """

    def __init__(self, weight: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.weight = weight

    def call(self, outputs: Any, students: list[Any], teachers: list[Any]) -> Any:
        errors = []
        for student, teacher in zip(students, teachers, strict=True):
            teacher = ops.stop_gradient(ops.cast(teacher, "float32"))
            variance = ops.var(teacher, axis=(0, 1, 2))
            least = LEAST_VARIANCE_SHARE * ops.mean(variance) + 1e-6
            squared = ops.square(ops.cast(student, "float32") - teacher)
            errors.append(ops.mean(squared / ops.maximum(variance, least)))
        self.add_loss(self.weight * ops.mean(ops.stack(errors)))
        return outputs

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "weight": self.weight}


def with_features(network: keras.Model) -> keras.Model:
    """The same layers; the features come after the outputs."""
    features = [network.get_layer(name).output for name in FEATURES]
    return keras.Model(network.inputs[0], [*network.outputs, *features], name=network.name)
