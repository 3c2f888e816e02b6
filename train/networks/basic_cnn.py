"""A plain CNN: stacked 3x3 convolutions, pooling, dropout, a dense head.

The kind of network that most tutorials on FER2013 begin with, here with batch norm.
"""

from __future__ import annotations

import keras
from keras import layers

from fer_edge.models.card import InputSpec
from train.networks.convolution import convolution, logits, pixels
from train.networks.network import Network, Reported

STAGES = ((32, 1), (64, 2), (128, 2), (256, 2))
"""Channels and number of convolutions; each stage ends in a pooling that halves the resolution."""
DENSE_UNITS = 256


def basic_cnn(spec: InputSpec, classes: int, dropout: float) -> keras.Model:
    """About 1.7 M parameters and 95 million multiply-adds at 48x48x1.

    A quarter of the dropout rate also applies to whole channels after each pooling.
    """
    inputs, x = pixels(spec.height, spec.width, spec.channels)
    for stage, (channels, convolutions) in enumerate(STAGES):
        for number in range(convolutions):
            x = convolution(x, channels, f"stage{stage}_{number}")
        x = layers.MaxPooling2D(name=f"stage{stage}_pool")(x)
        x = layers.SpatialDropout2D(dropout / 4, name=f"stage{stage}_dropout")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(DENSE_UNITS, use_bias=False, kernel_initializer="he_normal", name="dense")(x)
    x = layers.BatchNormalization(name="dense_norm")(x)
    x = layers.ReLU(name="dense_relu")(x)
    x = layers.Dropout(dropout, name="dropout")(x)
    return keras.Model(inputs, logits(x, classes), name="basic_cnn")


BASIC_CNN = Network(
    basic_cnn,
    best={"training.epochs": 40, "network.dropout": 0.4, "optimizer.weight_decay": 2e-3},
    reported=Reported(test_accuracy=0.6742, wanted=0.675),
)
