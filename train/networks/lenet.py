"""LeNet-5 for 48x48 grey pictures.

LeCun et al., "Gradient-Based Learning Applied to Document Recognition", 1998, figure 2. Two
convolutions of 5x5 have 6 and 16 channels, each followed by pooling. Dense layers of 120 and 84
follow. ReLU and max pooling are used, as it is built today.
"""

from __future__ import annotations

import keras
from keras import layers

from fer_edge.models.card import InputSpec
from train.networks.convolution import logits, pixels
from train.networks.network import Network, Reported


def lenet(spec: InputSpec, classes: int, dropout: float) -> keras.Model:
    """About 0.17 M parameters and 1.2 million multiply-adds at 48x48x1."""
    inputs, x = pixels(spec.height, spec.width, spec.channels)
    for number, channels in enumerate((6, 16), start=1):
        x = layers.Conv2D(channels, 5, activation="relu", name=f"c{number}")(x)
        x = layers.MaxPooling2D(name=f"s{number}")(x)
    x = layers.Flatten(name="flatten")(x)
    for units in (120, 84):
        x = layers.Dense(units, activation="relu", name=f"dense{units}")(x)
        x = layers.Dropout(dropout, name=f"dropout{units}")(x)
    return keras.Model(inputs, logits(x, classes), name="lenet")


LENET = Network(
    lenet,
    best={
        "training.epochs": 50,
        "optimizer.learning_rate": 0.03,
        "optimizer.weight_decay": 5e-4,
        "network.dropout": 0.1,
        "targets.label_smoothing": 0.0,
        "augmentation.strength": 0.5,
    },
    reported=Reported(test_accuracy=0.4690, wanted=0.50),
)
