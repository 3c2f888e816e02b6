"""The network that is shipped: a small residual net of plain 3x3 convolutions behind a 5x5 stem.

Residual blocks after He et al., "Deep Residual Learning", 2015 (arXiv:1512.03385), figure 2 left.
Plain convolutions with folded batch norm and ReLU lose next to nothing as int8 and are what int8
kernels run fastest per multiply-add; depthwise convolutions are bound by memory.
"""

from __future__ import annotations

import keras
from keras import layers

from fer_edge.models.card import InputSpec

STAGES = ((32, 1), (64, 2), (128, 2))
"""Channels and number of residual blocks, at half, a quarter and an eighth of the resolution."""
DROPOUT = 0.3


def edge(spec: InputSpec, classes: int) -> keras.Model:
    """About 0.68 M parameters and 48 million multiply-adds at 48x48x1.

    Takes float pixels 0..255, (batch, height, width, channels), and gives logits, (batch, classes).
    """
    pixels = keras.Input((spec.height, spec.width, spec.channels), name="pixels")
    x = layers.Rescaling(1 / 127.5, offset=-1.0, name="scale")(pixels)
    # Halving at once: batch norm over 48x48 pixels would take a third of the training time.
    x = _convolution(x, STAGES[0][0], "stem", size=5, strides=2)
    for stage, (channels, blocks) in enumerate(STAGES):
        for block in range(blocks):
            strides = 2 if stage and not block else 1
            x = _residual(x, channels, strides, f"stage{stage}_block{block}")
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.Dropout(DROPOUT, name="dropout")(x)
    # float32 under any precision policy: logits of bfloat16 would be too coarse for the loss.
    logits = layers.Dense(classes, dtype="float32", name="logits")(x)
    return keras.Model(pixels, logits, name="edge")


def _convolution(
    x: keras.KerasTensor, channels: int, name: str, size: int = 3, strides: int = 1
) -> keras.KerasTensor:
    x = _normalised(x, channels, name, size, strides)
    return layers.ReLU(name=f"{name}_relu")(x)


def _normalised(
    x: keras.KerasTensor, channels: int, name: str, size: int, strides: int
) -> keras.KerasTensor:
    x = layers.Conv2D(
        channels,
        size,
        strides=strides,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        name=f"{name}_conv",
    )(x)
    return layers.BatchNormalization(momentum=0.99, name=f"{name}_norm")(x)


def _residual(x: keras.KerasTensor, channels: int, strides: int, name: str) -> keras.KerasTensor:
    shortcut = x
    if strides != 1 or x.shape[-1] != channels:
        shortcut = _normalised(x, channels, f"{name}_shortcut", size=1, strides=strides)
    x = _convolution(x, channels, f"{name}_a", strides=strides)
    x = _normalised(x, channels, f"{name}_b", size=3, strides=1)
    x = layers.Add(name=f"{name}_add")([x, shortcut])
    return layers.ReLU(name=f"{name}_relu")(x)
