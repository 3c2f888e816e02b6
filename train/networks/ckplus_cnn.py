"""The small CNN that is usual for CK+: ReLU, max pooling, one dense layer, as many classes as the
data has.
"""

from __future__ import annotations

import keras
from keras import layers

from fer_edge.models.card import InputSpec
from train.networks.convolution import logits
from train.networks.network import Network, Reported

CHANNELS = (32, 64, 128)


def ckplus_cnn(spec: InputSpec, classes: int, dropout: float) -> keras.Model:
    """About 0.7 M parameters and 22 million multiply-adds at 48x48x1; pixels are scaled to 0..1."""
    inputs = keras.Input((spec.height, spec.width, spec.channels), name="pixels")
    x = layers.Rescaling(1 / 255, name="scale")(inputs)
    for number, channels in enumerate(CHANNELS, start=1):
        x = layers.Conv2D(channels, 3, padding="same", activation="relu", name=f"conv{number}")(x)
        x = layers.MaxPooling2D(name=f"pool{number}")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(128, activation="relu", name="dense")(x)
    x = layers.Dropout(dropout, name="dropout")(x)
    return keras.Model(inputs, logits(x, classes), name="ckplus_cnn")


CKPLUS_CNN = Network(
    ckplus_cnn,
    best={
        "training.epochs": 40,
        "optimizer.drop_at": 15,
        "training.batch": 32,
        "optimizer.name": "adam",
        "optimizer.learning_rate": 1e-3,
        "optimizer.weight_decay": 0.0,
        "network.dropout": 0.5,
        "targets.label_smoothing": 0.0,
        "optimizer.ema": 0.99,
        "data.folds": 5,
    },
    reported=Reported(test_accuracy=0.70, wanted=0.80, truth="labels"),
)
