"""Varies training faces, so that the network learns the face and not the picture.

Keras layers on batches of float pixels 0..255, (batch, height, width, channels); they do nothing
outside training. The moves cover the jitter that face detectors show from frame to frame.
"""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
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


@keras.saving.register_keras_serializable(package="fer_edge")
class RandomGamma(keras.layers.Layer):
    """Make each face's middle greys lighter or darker, as another exposure would; black and white
    stay.
    """

    def __init__(self, limit: float, seed: int | None = None, **kwargs: Any) -> None:
        """Args:
        limit: pixels as shares of 255 get an exponent of 1/limit..limit.
        seed: of the random numbers.
        """
        super().__init__(**{"dtype": "float32", **kwargs})
        self.limit, self.seed = limit, seed
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, images: Any, training: bool = False) -> Any:
        if not training:
            return images
        reach = math.log(self.limit)
        shape = (ops.shape(images)[0], 1, 1, 1)
        exponents = ops.exp(keras.random.uniform(shape, -reach, reach, seed=self.generator))
        return 255 * ops.power(ops.clip(images / 255, 0, 1), exponents)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "limit": self.limit, "seed": self.seed}


# Checkpoints of older runs have this name.
@keras.saving.register_keras_serializable(package="fer_edge", name="RandomQuality")
class RandomDegradation(keras.layers.Layer):
    """Blur some faces and add noise to some, as small and dark ones come out of a camera.

    FER2013's faces are sharp and clean: a network that saw only such faces fails on others.
    """

    def __init__(
        self, share: float, blur: float, noise: float, seed: int | None = None, **kwargs: Any
    ) -> None:
        """Args:
        share: the share of faces that are blurred, and independently the share with noise, 0..1.
        blur: up to this many pixels (the deviation of a Gaussian).
        noise: up to this deviation, of 255 steps.
        seed: of the random numbers.
        """
        super().__init__(**{"dtype": "float32", **kwargs})
        self.share, self.blur, self.noise, self.seed = share, blur, noise, seed
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, images: Any, training: bool = False) -> Any:
        if not training:
            return images
        noise = keras.random.normal(ops.shape(images), seed=self.generator)
        blurred = images + self._amounts(images) * (self._blurred(images) - images)
        return ops.clip(blurred + self.noise * self._amounts(images) * noise, 0, 255)

    def _amounts(self, images: Any) -> Any:
        """0 for most faces, 0..1 for a share of them, (batch, 1, 1, 1)."""
        shape = (ops.shape(images)[0], 1, 1, 1)
        drawn = keras.random.uniform(shape, seed=self.generator)
        return ops.maximum(drawn - (1 - self.share), 0) / max(self.share, 1e-6)

    def _blurred(self, images: Any) -> Any:
        """All with the strongest blur; a mix with the sharp picture gives weaker blur."""
        reach = math.ceil(2 * self.blur)
        line = np.exp(-0.5 * (np.arange(-reach, reach + 1) / self.blur) ** 2)
        line = (line / line.sum()).astype(np.float32)
        channels = images.shape[-1]
        padded = ops.pad(images, [[0, 0], [reach, reach], [reach, reach], [0, 0]], mode="reflect")
        down = np.tile(line[:, None, None, None], (1, 1, channels, 1))
        across = np.transpose(down, (1, 0, 2, 3))
        return ops.depthwise_conv(ops.depthwise_conv(padded, down), across)

    def get_config(self) -> dict[str, Any]:
        names = ("share", "blur", "noise", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


def augmentation(
    seed: int, strength: float = 1.0, degradation: float = 0.0, gamma: float = 1.0
) -> list[keras.layers.Layer]:
    """The layers, in order.

    Args:
        seed: of the random numbers.
        strength: 0 for no layers of moves, light and covering; half the variation at 0.5.
        degradation: the share of faces that are blurred or noisy; 0 for no such layer.
        gamma: the largest exponent of light; 1 for no such layer.
    """
    layers = _variations(seed, strength)
    if gamma > 1:
        layers.append(RandomGamma(gamma, seed=seed + 4))
    if degradation:
        layers.append(RandomDegradation(degradation, blur=2.0, noise=25.0, seed=seed + 3))
    return layers


def _variations(seed: int, strength: float) -> list[keras.layers.Layer]:
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
