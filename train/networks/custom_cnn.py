"""A deeper CNN with batch norm and dropout, for faces enlarged to 128x128."""

from __future__ import annotations

import keras
from keras import layers

from fer_edge.models.card import InputSpec
from train.networks.convolution import convolution, logits, pixels
from train.networks.network import Network, Reported

STAGES = (16, 32, 64, 128, 256)
"""Channels; two convolutions each, then a pooling that halves the resolution."""
DENSE_UNITS = 256


def custom_cnn(spec: InputSpec, classes: int, dropout: float) -> keras.Model:
    """About 1.2 M parameters and 270 million multiply-adds at 128x128x1.

    Dropout stands about the dense layer alone: leaving out whole channels after each pooling kept
    the network from learning anything for 18 epochs.
    """
    inputs, x = pixels(spec.height, spec.width, spec.channels)
    for stage, channels in enumerate(STAGES):
        for number in range(2):
            x = convolution(x, channels, f"stage{stage}_{number}")
        x = layers.MaxPooling2D(name=f"stage{stage}_pool")(x)
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.Dropout(dropout, name="pool_dropout")(x)
    x = layers.Dense(DENSE_UNITS, activation="relu", name="dense")(x)
    x = layers.Dropout(dropout, name="dropout")(x)
    return keras.Model(inputs, logits(x, classes), name="custom_cnn")


CUSTOM_CNN = Network(
    custom_cnn,
    side=128,
    best={
        "training.epochs": 50,
        "training.batch": 32,
        "data.sample": 3500,
        "optimizer.name": "adam",
        "optimizer.learning_rate": 1e-3,
        "augmentation.strength": 0.7,
        "network.dropout": 0.3,
        "optimizer.ema": 0.998,
    },
    reported=Reported(test_accuracy=0.45, wanted=0.50),
)
