"""VGG-16 with global average pooling and a small dense head.

Simonyan & Zisserman, "Very Deep Convolutional Networks", 2014 (arXiv:1409.1556), table 1 column D,
with batch norm. Pooling and a dense layer of 256 replace its three dense layers of 4096.
"""

from __future__ import annotations

import keras
from keras import layers

from fer_edge.models.card import InputSpec
from train.networks.convolution import convolution, logits, pixels
from train.networks.network import Network, Reported

STAGES = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))
"""Channels and number of convolutions; each stage ends in a pooling that halves the resolution."""
DENSE_UNITS = 256


def vgg16(spec: InputSpec, classes: int, dropout: float) -> keras.Model:
    """About 14.9 M parameters and 700 million multiply-adds at 48x48x1."""
    inputs, x = pixels(spec.height, spec.width, spec.channels)
    for stage, (channels, convolutions) in enumerate(STAGES, start=1):
        for number in range(1, convolutions + 1):
            x = convolution(x, channels, f"block{stage}_{number}")
        x = layers.MaxPooling2D(name=f"block{stage}_pool")(x)
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.Dense(DENSE_UNITS, activation="relu", name="dense")(x)
    x = layers.Dropout(dropout, name="dropout")(x)
    return keras.Model(inputs, logits(x, classes), name="vgg16")


VGG16 = Network(
    vgg16,
    best={
        "training.epochs": 20,
        "optimizer.cycles": 2,
        "training.batch": 64,
        "optimizer.learning_rate": 0.03,
        "network.dropout": 0.5,
        "augmentation.strength": 0.6,
        "optimizer.ema": 0.995,
    },
    reported=Reported(test_accuracy=0.60, wanted=0.65),
)
