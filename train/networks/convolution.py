"""The blocks that most networks of the zoo are made of."""

from __future__ import annotations

import keras
from keras import layers


def convolution(
    x: keras.KerasTensor, channels: int, name: str, size: int = 3, strides: int = 1
) -> keras.KerasTensor:
    """Convolution, batch norm, ReLU; the layers are called name_conv, name_norm and name_relu."""
    x = normalised(x, channels, name, size, strides)
    return layers.ReLU(name=f"{name}_relu")(x)


def normalised(
    x: keras.KerasTensor, channels: int, name: str, size: int, strides: int
) -> keras.KerasTensor:
    """Convolution and batch norm."""
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


def separable(
    x: keras.KerasTensor, channels: int, name: str, strides: int = 1, relu: bool = True
) -> keras.KerasTensor:
    """A convolution for each channel, then one of 1x1: a fifth of the multiply-adds of a plain one
    (Howard et al., "MobileNets", 2017, arXiv:1704.04861).
    """
    x = layers.DepthwiseConv2D(
        3, strides=strides, padding="same", use_bias=False, name=f"{name}_depth"
    )(x)
    x = layers.BatchNormalization(momentum=0.99, name=f"{name}_depth_norm")(x)
    x = layers.ReLU(name=f"{name}_depth_relu")(x)
    x = normalised(x, channels, name, size=1, strides=1)
    return layers.ReLU(name=f"{name}_relu")(x) if relu else x


def padded(
    x: keras.KerasTensor, channels: int, name: str, size: int = 1, strides: int = 1
) -> keras.KerasTensor:
    """A convolution without biases, padded on all sides alike, as PyTorch does it; "same" would pad
    right and below only where it strides.
    """
    if size > 1:
        x = layers.ZeroPadding2D(size // 2, name=f"{name}_pad")(x)
    return layers.Conv2D(
        channels,
        size,
        strides=strides,
        use_bias=False,
        kernel_initializer="he_normal",
        name=name,
    )(x)


def pixels(height: int, width: int, channels: int) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """A network's input, and its pixels scaled to -1..1."""
    inputs = keras.Input((height, width, channels), name="pixels")
    return inputs, layers.Rescaling(1 / 127.5, offset=-1.0, name="scale")(inputs)


def logits(x: keras.KerasTensor, classes: int, name: str = "logits") -> keras.KerasTensor:
    """The last layer; float32 under any precision policy: bfloat16 is too coarse for the loss."""
    return layers.Dense(classes, dtype="float32", name=name)(x)
