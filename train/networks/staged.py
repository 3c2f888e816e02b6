"""Residual networks in stages, each at half the resolution of the one before.

Residual blocks are as in He et al., "Deep Residual Learning", 2015 (arXiv:1512.03385), figure 2
left. The stem before them has 5x5 pixels or, where no side is preferred, 6x6.
"""

from __future__ import annotations

from collections.abc import Callable

import keras
from keras import layers

from fer_edge.models.card import InputSpec
from train.networks.convolution import convolution, logits, normalised, pixels, separable

Stages = tuple[tuple[int, int], ...]
"""Channels and number of residual blocks, at half the resolution, a quarter, and so on."""
Block = Callable[[keras.KerasTensor, int, int, str], keras.KerasTensor]
"""Takes features, channels that it is to give, stride and name."""


def plain(x: keras.KerasTensor, channels: int, strides: int, name: str) -> keras.KerasTensor:
    """Two 3x3 convolutions and a shortcut."""
    shortcut = _shortcut(x, channels, strides, name)
    x = convolution(x, channels, f"{name}_a", strides=strides)
    x = normalised(x, channels, f"{name}_b", size=3, strides=1)
    return _joined(x, shortcut, name)


def depthwise(x: keras.KerasTensor, channels: int, strides: int, name: str) -> keras.KerasTensor:
    """As `plain`, of separable convolutions."""
    shortcut = _shortcut(x, channels, strides, name)
    x = separable(x, channels, f"{name}_a", strides)
    x = separable(x, channels, f"{name}_b", relu=False)
    return _joined(x, shortcut, name)


def staged(
    spec: InputSpec,
    classes: int,
    dropout: float,
    stages: Stages,
    name: str,
    *,
    block: Block = plain,
    symmetric: bool = False,
) -> keras.Model:
    """A stem, the stages, the mean over the picture, and a last layer.

    Args:
        spec: pictures that it takes.
        classes: how many.
        dropout: the share of the features before the last layer that is left out in training.
        stages: how wide and deep.
        name: of the model.
        block: what stages are made of.
        symmetric: halve pictures without preferring a side.
    """
    inputs, x = pixels(spec.height, spec.width, spec.channels)
    # Halving at once: batch norm over 48x48 pixels would take a third of the training time.
    x = convolution(x, stages[0][0], "stem", size=6 if symmetric else 5, strides=2)
    for stage, (channels, blocks) in enumerate(stages):
        for number in range(blocks):
            strides = 2 if stage and not number else 1
            if symmetric and strides == 2:
                # Of an even number of pixels, a kernel of three takes those left of its middle.
                x = layers.AveragePooling2D(2, name=f"stage{stage}_half")(x)
                strides = 1
            x = block(x, channels, strides, f"stage{stage}_block{number}")
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.Dropout(dropout, name="dropout")(x)
    return keras.Model(inputs, logits(x, classes), name=name)


def _shortcut(x: keras.KerasTensor, channels: int, strides: int, name: str) -> keras.KerasTensor:
    if strides == 1 and x.shape[-1] == channels:
        return x
    return normalised(x, channels, f"{name}_shortcut", size=1, strides=strides)


def _joined(x: keras.KerasTensor, shortcut: keras.KerasTensor, name: str) -> keras.KerasTensor:
    return layers.ReLU(name=f"{name}_relu")(layers.Add(name=f"{name}_add")([x, shortcut]))
