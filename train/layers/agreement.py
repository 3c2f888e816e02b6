"""Consistency: a network is to say the same of two pictures of one face.

What a crop's small moves and other light change in the answer is noise to whoever watches a stream.
So a batch shows each face in two ways, and the loss grows with how much the two answers differ
(Sajjadi et al., "Regularization with stochastic transformations and perturbations", 2016,
arXiv:1606.04586).
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
        weight: what half of Jeffreys' divergence, in nats and the mean over faces, is multiplied by
            in the loss. Jeffreys' is the Kullback-Leibler divergence in both directions.
        """
        super().__init__(**{"dtype": "float32", **kwargs})
        self.weight = weight

    def call(self, logits: Any, training: bool = False) -> Any:
        """Args:
        logits: (faces, classes); in training the second half is said to the faces of the first, in
            their order.
        training: whether they are.
        """
        if training:
            one, other = ops.split(ops.log_softmax(logits, axis=-1), 2)
            divergence = ops.sum((ops.exp(one) - ops.exp(other)) * (one - other), axis=-1) / 2
            self.add_loss(self.weight * ops.mean(divergence))
        return logits

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "weight": self.weight}
