"""How a training face is varied, so that the network learns the face and not the picture.

Keras layers on batches of float pixels 0..255, (batch, height, width, channels); they do nothing
outside training. The moves cover the jitter that face detectors show from frame to frame.
"""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="fer_edge")
class RandomSimilarity(keras.layers.Layer):
    """Mirror, turn, scale and shift each face by its own random amounts, in one resampling."""

    def __init__(
        self, degrees: float, scale: float, shift: float, seed: int | None = None, **kwargs: Any
    ) -> None:
        """Args:
        degrees: turned by up to this much either way.
        scale: enlarged or shrunk by up to this factor, e.g. 1.15.
        shift: moved by up to this fraction of the side, either way, in both directions.
        seed: of the random numbers.
        """
        super().__init__(**{"dtype": "float32", **kwargs})
        self.degrees, self.scale, self.shift, self.seed = degrees, scale, shift, seed
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, images: Any, training: bool = False) -> Any:
        if not training:
            return images
        return ops.image.affine_transform(
            images, self._transforms(images), interpolation="bilinear", fill_mode="nearest"
        )

    def _transforms(self, images: Any) -> Any:
        count = ops.shape(images)[0]
        height, width = images.shape[1:3]

        def uniform(limit: float) -> Any:
            return keras.random.uniform((count,), -limit, limit, seed=self.generator)

        turn = uniform(math.radians(self.degrees))
        zoom = ops.exp(uniform(math.log(self.scale)))
        mirror = ops.sign(uniform(1.0))
        right = uniform(self.shift * width)
        down = uniform(self.shift * height)
        cosine, sine = ops.cos(turn) * zoom, ops.sin(turn) * zoom
        # Output to input pixels about the centre; the last two entries are the perspective's.
        centre_x, centre_y = (width - 1) / 2, (height - 1) / 2
        a, b = cosine * mirror, -sine * mirror
        c, d = sine, cosine
        zero = ops.zeros_like(a)
        return ops.stack(
            [
                a,
                b,
                centre_x - a * centre_x - b * centre_y + right,
                c,
                d,
                centre_y - c * centre_x - d * centre_y + down,
                zero,
                zero,
            ],
            axis=1,
        )

    def get_config(self) -> dict[str, Any]:
        names = ("degrees", "scale", "shift", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


@keras.saving.register_keras_serializable(package="fer_edge")
class RandomLight(keras.layers.Layer):
    """Change each face's contrast about its mean and its brightness, as other light would."""

    def __init__(
        self, contrast: float, brightness: float, seed: int | None = None, **kwargs: Any
    ) -> None:
        """Args:
        contrast: multiplied by 1 ± up to this.
        brightness: shifted by up to this fraction of the full range, either way.
        seed: of the random numbers.
        """
        super().__init__(**{"dtype": "float32", **kwargs})
        self.contrast, self.brightness, self.seed = contrast, brightness, seed
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, images: Any, training: bool = False) -> Any:
        if not training:
            return images
        shape = (ops.shape(images)[0], 1, 1, 1)
        gain = 1 + keras.random.uniform(shape, -self.contrast, self.contrast, seed=self.generator)
        shift = 255 * keras.random.uniform(
            shape, -self.brightness, self.brightness, seed=self.generator
        )
        mean = ops.mean(images, axis=(1, 2, 3), keepdims=True)
        return ops.clip((images - mean) * gain + mean + shift, 0, 255)

    def get_config(self) -> dict[str, Any]:
        names = ("contrast", "brightness", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


def augmentation(seed: int, strength: float = 1.0) -> list[keras.layers.Layer]:
    """The layers, in order; none at a strength of 0, half the variation at 0.5."""
    if strength == 0:
        return []
    return [
        RandomSimilarity(
            degrees=12 * strength, scale=1.18**strength, shift=0.08 * strength, seed=seed
        ),
        RandomLight(contrast=min(0.3 * strength, 1), brightness=0.15 * strength, seed=seed + 1),
        # DeVries & Taylor, "Cutout", 2017 (arXiv:1708.04552): hands, hair, microphones.
        keras.layers.RandomErasing(
            factor=min(0.5 * strength, 1.0),
            scale=(0.02, 0.15),
            fill_value=127.5,
            value_range=(0, 255),
            seed=seed + 2,
            dtype="float32",
        ),
    ]
