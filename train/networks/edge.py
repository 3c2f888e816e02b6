"""Residual nets of plain 3x3 convolutions: those that are shipped, and one that teaches them.

Residual blocks after He et al., "Deep Residual Learning", 2015 (arXiv:1512.03385), figure 2 left,
behind a 5x5 stem. Plain convolutions with folded batch norm and ReLU lose next to nothing as int8
and are what int8 kernels run fastest per multiply-add; depthwise convolutions are bound by memory.
"""

from __future__ import annotations

import keras
from keras import layers

from fer_edge.models.card import InputSpec
from train.networks.convolution import convolution, logits, normalised, pixels
from train.networks.network import Network

EDGE_STAGES = ((32, 1), (64, 2), (128, 2))
"""Channels and number of residual blocks, at half, a quarter and an eighth of the resolution."""
WIDE_STAGES = ((64, 1), (128, 2), (256, 2))
"""Likewise, twice as wide."""
NANO_STAGES = ((24, 0), (32, 1), (64, 2), (96, 1))
"""As in EDGE_STAGES, and at a sixteenth; no block at half, where it would cost the most."""


def edge(spec: InputSpec, classes: int, dropout: float) -> keras.Model:
    """About 0.68 M parameters and 48 million multiply-adds at 48x48x1."""
    return _network(spec, classes, dropout, EDGE_STAGES, "edge")


def wide(spec: InputSpec, classes: int, dropout: float) -> keras.Model:
    """About 2.7 M parameters and 190 million multiply-adds at 48x48x1."""
    return _network(spec, classes, dropout, WIDE_STAGES, "wide")


def nano(spec: InputSpec, classes: int, dropout: float) -> keras.Model:
    """About 0.30 M parameters and 8.8 million multiply-adds at 48x48x1."""
    return _network(spec, classes, dropout, NANO_STAGES, "nano")


def even_edge(spec: InputSpec, classes: int, dropout: float) -> keras.Model:
    """As `edge`, but pictures are halved without preferring a side: 49 million multiply-adds."""
    return _network(spec, classes, dropout, EDGE_STAGES, "even_edge", even=True)


def even_nano(spec: InputSpec, classes: int, dropout: float) -> keras.Model:
    """As `nano`, likewise: 9 million multiply-adds."""
    return _network(spec, classes, dropout, NANO_STAGES, "even_nano", even=True)


def _network(
    spec: InputSpec,
    classes: int,
    dropout: float,
    stages: tuple[tuple[int, int], ...],
    name: str,
    even: bool = False,
) -> keras.Model:
    inputs, x = pixels(spec.height, spec.width, spec.channels)
    # Halving at once: batch norm over 48x48 pixels would take a third of the training time.
    x = convolution(x, stages[0][0], "stem", size=6 if even else 5, strides=2)
    for stage, (channels, blocks) in enumerate(stages):
        for block in range(blocks):
            strides = 2 if stage and not block else 1
            if even and strides == 2:
                # Of an even number of pixels, a kernel of three takes those left of its middle.
                x = layers.AveragePooling2D(2, name=f"stage{stage}_half")(x)
                strides = 1
            x = _residual(x, channels, strides, f"stage{stage}_block{block}")
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.Dropout(dropout, name="dropout")(x)
    return keras.Model(inputs, logits(x, classes), name=name)


def _residual(x: keras.KerasTensor, channels: int, strides: int, name: str) -> keras.KerasTensor:
    shortcut = x
    if strides != 1 or x.shape[-1] != channels:
        shortcut = normalised(x, channels, f"{name}_shortcut", size=1, strides=strides)
    x = convolution(x, channels, f"{name}_a", strides=strides)
    x = normalised(x, channels, f"{name}_b", size=3, strides=1)
    x = layers.Add(name=f"{name}_add")([x, shortcut])
    return layers.ReLU(name=f"{name}_relu")(x)


_EVEN = {"epochs": 64, "learning_rate": 0.2, "weight_decay": 1e-3}
"""Tied weights move by the mean of what both of a pair would, and bear twice the rate."""
EDGE = Network(edge, recipe={"epochs": 64, "weight_decay": 2e-3, "dropout": 0.1})
NANO = Network(nano, recipe={"epochs": 64, "weight_decay": 2e-3, "dropout": 0.0})
EVEN_EDGE = Network(even_edge, recipe={**_EVEN, "dropout": 0.1}, mirrored=True)
EVEN_NANO = Network(even_nano, recipe={**_EVEN, "dropout": 0.0}, mirrored=True)
WIDE = Network(wide, recipe={"epochs": 40, "weight_decay": 2e-3, "dropout": 0.3})
