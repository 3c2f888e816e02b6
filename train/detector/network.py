"""The face detection network: convolutions only, so that one file takes pictures of any size."""

from __future__ import annotations

import keras
from keras import layers

from fer_edge.detectors.grid import CHANNELS, HINTS
from train.networks.convolution import convolution, separable

FACE_PRIOR_LOGIT = -4.6
"""The logit that every cell begins with: one in a hundred shows a face (Lin et al., "Focal Loss",
2017, arXiv:1708.02002, section 4.1)."""
STAGES = ((8, 64, 1), (16, 80, 3), (32, 96, 2))
"""Stride, channels and residual blocks. Most blocks are where a block costs little. Their results
reach the finest grid as hints."""


def face_network(height: int | None = None, width: int | None = None) -> keras.Model:
    """Takes float grey pixels 0..255, (batch, height, width, 1), both sides multiples of 32.

    Gives (batch, height / stride, width / stride, CHANNELS) for the stride 8 and HINTS more numbers
    for 16 and 32; see `fer_edge.detectors.grid`.
    """
    inputs = keras.Input((height, width, 1), name="pixels")
    x = layers.Rescaling(1 / 127.5, offset=-1.0, name="scale")(inputs)
    x = convolution(x, 16, "stem", strides=2)
    x = separable(x, 32, "stride4", strides=2)
    outputs: list[keras.KerasTensor] = []
    for stride, channels, blocks in STAGES:
        x = separable(x, channels, f"stride{stride}", strides=2)
        for block in range(blocks):
            x = _residual(x, f"stride{stride}_block{block}")
        outputs.append(_head(x, CHANNELS + (HINTS if outputs else 0), f"stride{stride}"))
    return keras.Model(inputs, outputs, name="face_detector")


def _residual(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    y = separable(x, x.shape[-1], f"{name}_a")
    y = separable(y, x.shape[-1], f"{name}_b", relu=False)
    return layers.ReLU(name=f"{name}_relu")(layers.Add(name=f"{name}_add")([x, y]))


def _head(x: keras.KerasTensor, numbers: int, name: str) -> keras.KerasTensor:
    x = separable(x, x.shape[-1], f"{name}_head")
    bias = keras.initializers.Constant([FACE_PRIOR_LOGIT] + [0.0] * (numbers - 1))
    return layers.Conv2D(
        numbers,
        1,
        bias_initializer=bias,
        kernel_initializer=keras.initializers.RandomNormal(stddev=0.01),
        dtype="float32",
        name=f"{name}_faces",
    )(x)
