"""Consistency: a network should give the same answer to two pictures of one face.

In a stream, answers that change with a crop's small moves or with the light are noise. So a batch
shows each face twice (`train.layers.jittered_pairs`), and the loss grows with the difference of the
two answers. This is after Sajjadi et al., "Regularization with stochastic transformations and
perturbations", 2016, arXiv:1606.04586.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="fer_edge")
class Agreement(keras.layers.Layer):
    """Passes logits on; in training it adds a divergence to the loss."""

    def __init__(self, weight: float, **kwargs: Any) -> None:
        """Args:
        weight: the factor in the loss of half of Jeffreys' divergence, in nats, the mean over
            faces. Jeffreys' divergence is the sum of the Kullback-Leibler divergences in both
            directions.
        """
        super().__init__(**{"dtype": "float32", **kwargs})
        self.weight = weight

    def call(self, logits: Any, training: bool = False) -> Any:
        """Args:
        logits: (faces, classes); in training the second half belongs to the same faces as the
            first, in their order.
        training: whether the network is being trained.
        """
        if training:
            one, other = ops.split(ops.log_softmax(logits, axis=-1), 2)
            divergence = ops.sum((ops.exp(one) - ops.exp(other)) * (one - other), axis=-1) / 2
            self.add_loss(self.weight * ops.mean(divergence))
        return logits

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "weight": self.weight}
