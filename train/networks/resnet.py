"""ResNet-18.

He et al., "Deep Residual Learning", 2015 (arXiv:1512.03385), table 1. Layers are named and padded
as in torchvision, whose state files it can start from, with _ where those have a dot.
"""

from __future__ import annotations

import keras
from keras import layers

from fer_edge.models.card import InputSpec
from train.networks.convolution import logits, padded
from train.networks.network import Network, Reported

STAGES = (64, 128, 256, 512)
"""Channels; two residual blocks each."""
IMAGENET_MEANS, IMAGENET_DEVIATIONS = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet's red, green and blue, which its weights were trained on."""


def resnet18(spec: InputSpec, classes: int, dropout: float) -> keras.Model:
    """About 11.2 M parameters and 1.8 billion multiply-adds at 224x224x3."""
    inputs = keras.Input((spec.height, spec.width, spec.channels), name="pixels")
    scale = [1 / 255 / deviation for deviation in IMAGENET_DEVIATIONS]
    offset = [
        -mean / deviation
        for mean, deviation in zip(IMAGENET_MEANS, IMAGENET_DEVIATIONS, strict=True)
    ]
    x = layers.Rescaling(scale, offset=offset, name="scale")(inputs)
    x = _convolution(x, 64, "conv1", "bn1", size=7, strides=2)
    x = layers.ReLU(name="relu")(x)
    # Padding with zeros is padding with the least value: they come out of a ReLU.
    x = layers.ZeroPadding2D(1, name="maxpool_pad")(x)
    x = layers.MaxPooling2D(3, strides=2, name="maxpool")(x)
    for stage, channels in enumerate(STAGES, start=1):
        for block in range(2):
            strides = 2 if stage > 1 and not block else 1
            x = _residual(x, channels, strides, f"layer{stage}_{block}")
    x = layers.GlobalAveragePooling2D(name="avgpool")(x)
    x = layers.Dropout(dropout, name="dropout")(x)
    return keras.Model(inputs, logits(x, classes, "fc"), name="resnet18")


def _residual(x: keras.KerasTensor, channels: int, strides: int, name: str) -> keras.KerasTensor:
    shortcut = x
    if strides != 1 or x.shape[-1] != channels:
        ends = (f"{name}_downsample_0", f"{name}_downsample_1")
        shortcut = _convolution(x, channels, *ends, size=1, strides=strides)
    x = _convolution(x, channels, f"{name}_conv1", f"{name}_bn1", size=3, strides=strides)
    x = layers.ReLU(name=f"{name}_relu1")(x)
    x = _convolution(x, channels, f"{name}_conv2", f"{name}_bn2", size=3, strides=1)
    x = layers.Add(name=f"{name}_add")([x, shortcut])
    return layers.ReLU(name=f"{name}_relu2")(x)


def _convolution(
    x: keras.KerasTensor, channels: int, name: str, norm: str, size: int, strides: int
) -> keras.KerasTensor:
    x = padded(x, channels, name, size, strides)
    return layers.BatchNormalization(momentum=0.95, epsilon=1e-5, name=norm)(x)


RESNET18 = Network(
    resnet18,
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
    reported=Reported(test_accuracy=0.40, wanted=0.45),
)
