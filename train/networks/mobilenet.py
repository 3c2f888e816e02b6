"""MobileNet, a teacher that may know faces beforehand.

Howard et al., "MobileNets", 2017 (arXiv:1704.04861), table 1, its batch norm folded into the
convolutions. Layers are named as in HSE FaceRes, a MobileNet that has learned to tell people apart
(Savchenko, arXiv:1807.07718) and whose weights it can start from.
"""

from __future__ import annotations

import keras
from keras import layers

from fer_edge.models.card import InputSpec
from train.networks.convolution import logits
from train.networks.network import Network

SIDE = 128
"""Pixels to which pictures are enlarged. The faces that its weights come from had 224; this takes a
third of the time, and what changes with the size is learned anew."""
BLUE_GREEN_RED = (103.939, 116.779, 123.68)
"""ImageNet's mean, which its weights want taken off."""
BLOCKS = (
    (64, 1),
    (128, 2),
    (128, 1),
    (256, 2),
    (256, 1),
    (512, 2),
    *((512, 1),) * 5,
    (1024, 2),
    (1024, 1),
)
"""Channels and stride of each depthwise convolution with the pointwise one behind it."""


def mobilenet(spec: InputSpec, classes: int, dropout: float) -> keras.Model:
    """About 3.2 M parameters and 186 million multiply-adds at 48x48x1."""
    inputs = keras.Input((spec.height, spec.width, spec.channels), name="pixels")
    x = layers.Resizing(SIDE, SIDE, name="enlarge")(inputs)
    x = layers.Concatenate(name="colours")([x] * 3)
    x = layers.Rescaling(1.0, offset=[-mean for mean in BLUE_GREEN_RED], name="centre")(x)
    x = _clipped(layers.Conv2D(32, 3, 2, "same", name="conv1"), x)
    for number, (channels, strides) in enumerate(BLOCKS, start=1):
        depthwise = layers.DepthwiseConv2D(3, strides, "same", name=f"conv_dw_{number}")
        pointwise = layers.Conv2D(channels, 1, padding="same", name=f"conv_pw_{number}")
        x = _clipped(pointwise, _clipped(depthwise, x))
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.Dropout(dropout, name="dropout")(x)
    return keras.Model(inputs, logits(x, classes), name="mobilenet")


def _clipped(layer: keras.Layer, x: keras.KerasTensor) -> keras.KerasTensor:
    return layers.ReLU(6.0, name=f"{layer.name}_relu")(layer(x))


MOBILENET = Network(
    mobilenet,
    recipe={
        "optimizer": "adam",
        "learning_rate": 2e-4,
        "weight_decay": 0.05,
        "batch": 64,
        "epochs": 8,
        "average": 0.998,
    },
)
