"""Shows the first half of a batch again, a little moved and in another light.

A face detector's boxes have such jitter from frame to frame. See `train.layers.agreement` for the
loss of the two answers.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from train.layers.augmentation import RandomGamma, RandomSimilarity

DEGREES, SCALE, SHIFT, GAMMA = 4.0, 1.07, 0.045, 1.5
"""As `RandomSimilarity` and `RandomGamma` take them. The shift is half as much again as the 3 % of
the side by which `train steadiness` moves crops."""


@keras.saving.register_keras_serializable(package="fer_edge")
class JitteredPairs(keras.layers.Layer):
    """Replaces the second half of a batch by the jittered first half; only in training."""

    def __init__(self, seed: int, **kwargs: Any) -> None:
        """Args:
        seed: of the random numbers.
        """
        super().__init__(**{"dtype": "float32", **kwargs})
        self.seed = seed
        self.move = RandomSimilarity(DEGREES, SCALE, SHIFT, seed=seed)
        self.light = RandomGamma(GAMMA, seed=seed + 1)

    def build(self, input_shape: Any) -> None:
        self.move.build(input_shape)
        self.light.build(input_shape)

    def call(self, images: Any, training: bool = False) -> Any:
        """Args:
        images: (faces, height, width, channels), pixels 0..255; an even number of faces.
        training: whether the network is being trained.
        """
        if not training:
            return images
        firsts = images[: ops.shape(images)[0] // 2]
        seconds = self.light(self.move(firsts, training=True), training=True)
        return ops.concatenate([firsts, seconds])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "seed": self.seed}
