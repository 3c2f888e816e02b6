"""GoogLeNet (Inception v1) with its two auxiliary heads.

Szegedy et al., "Going Deeper with Convolutions", 2014 (arXiv:1409.4842), table 1. As in
torchvision it has batch norm, and 3x3 convolutions where the paper has 5x5 ones. It can start from
torchvision's state files: its names have _ where those have a dot.
"""

from __future__ import annotations

import keras
from keras import layers

from fer_edge.models.card import InputSpec
from train.networks.convolution import logits, padded, pixels
from train.networks.network import Network, Reported

INCEPTIONS = {
    "inception3a": (64, 96, 128, 16, 32, 32),
    "inception3b": (128, 128, 192, 32, 96, 64),
    "inception4a": (192, 96, 208, 16, 48, 64),
    "inception4b": (160, 112, 224, 24, 64, 64),
    "inception4c": (128, 128, 256, 24, 64, 64),
    "inception4d": (112, 144, 288, 32, 64, 64),
    "inception4e": (256, 160, 320, 32, 128, 128),
    "inception5a": (256, 160, 320, 32, 128, 128),
    "inception5b": (384, 192, 384, 48, 128, 128),
}
"""Channels: 1x1; 3x3 reduced and full; 5x5 reduced and full; after pooling."""
HEADS = {"inception4a": "aux1", "inception4d": "aux2"}
"""After which module an auxiliary head branches off."""
AUXILIARY_DROPOUT = 0.7


def googlenet(spec: InputSpec, classes: int, dropout: float) -> keras.Model:
    """About 5.6 M parameters and 1.5 billion multiply-adds at 224x224x3, without the heads.

    Its outputs are its own logits and those of the two auxiliary heads.
    """
    inputs, x = pixels(spec.height, spec.width, spec.channels)
    x = _convolution(x, 64, "conv1", size=7, strides=2)
    x = _pool(x, 3, 2, "maxpool1")
    x = _convolution(x, 64, "conv2")
    x = _convolution(x, 192, "conv3", size=3)
    x = _pool(x, 3, 2, "maxpool2")
    heads = []
    for name, channels in INCEPTIONS.items():
        x = _inception(x, channels, name)
        if name in HEADS:
            heads.append(_head(x, classes, HEADS[name]))
        if name == "inception3b":
            x = _pool(x, 3, 2, "maxpool3")
        if name == "inception4e":
            x = _pool(x, 2, 2, "maxpool4")
    x = layers.GlobalAveragePooling2D(name="avgpool")(x)
    x = layers.Dropout(dropout, name="dropout")(x)
    return keras.Model(inputs, [logits(x, classes, "fc"), *heads], name="googlenet")


def _inception(x: keras.KerasTensor, channels: tuple[int, ...], name: str) -> keras.KerasTensor:
    branches = [
        _convolution(x, channels[0], f"{name}_branch1"),
        _two(x, channels[1:3], f"{name}_branch2"),
        _two(x, channels[3:5], f"{name}_branch3"),
        _convolution(_pool(x, 3, 1, f"{name}_branch4_0"), channels[5], f"{name}_branch4_1"),
    ]
    return layers.Concatenate(name=name)(branches)


def _two(x: keras.KerasTensor, channels: tuple[int, ...], name: str) -> keras.KerasTensor:
    return _convolution(_convolution(x, channels[0], f"{name}_0"), channels[1], f"{name}_1", size=3)


def _head(x: keras.KerasTensor, classes: int, name: str) -> keras.KerasTensor:
    """The paper's pooling of 5x5 with stride 3; torchvision's adaptive one is a row smaller."""
    x = layers.AveragePooling2D(5, strides=3, name=f"{name}_pool")(x)
    x = _convolution(x, 128, f"{name}_conv")
    # PyTorch flattens channel by channel.
    x = layers.Permute((3, 1, 2), name=f"{name}_permute")(x)
    x = layers.Flatten(name=f"{name}_flatten")(x)
    x = layers.Dense(1024, activation="relu", name=f"{name}_fc1")(x)
    x = layers.Dropout(AUXILIARY_DROPOUT, name=f"{name}_dropout")(x)
    return logits(x, classes, f"{name}_fc2")


def _pool(x: keras.KerasTensor, size: int, strides: int, name: str) -> keras.KerasTensor:
    return layers.MaxPooling2D(size, strides=strides, padding="same", name=name)(x)


def _convolution(
    x: keras.KerasTensor, channels: int, name: str, size: int = 1, strides: int = 1
) -> keras.KerasTensor:
    x = padded(x, channels, f"{name}_conv", size, strides)
    x = layers.BatchNormalization(momentum=0.95, epsilon=1e-3, name=f"{name}_bn")(x)
    return layers.ReLU(name=f"{name}_relu")(x)


GOOGLENET = Network(
    googlenet,
    side=224,
    colour="rgb",
    best={
        "training.epochs": 12,
        "training.batch": 16,
        "data.sample": 3500,
        "optimizer.name": "adam",
        "optimizer.learning_rate": 1e-3,
        "augmentation.strength": 0.6,
        "optimizer.ema": 0.995,
    },
    heads=3,
    auxiliary_weight=0.3,
    reported=Reported(test_accuracy=0.38, wanted=0.43),
)
