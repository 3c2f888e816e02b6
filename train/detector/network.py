"""The face detection networks: convolutions only, so that one file takes pictures of any size.

A plain front of stride 4 and 8 comes first, because YuNet's own front takes most of its time. The
rest is YuNet's pyramid.
"""

from __future__ import annotations

from dataclasses import dataclass

import keras
from keras import layers

from fer_edge.detectors.grid import CHANNELS
from train.detector.pyramid import PYRAMID_CHANNELS, pyramid
from train.detector.settings import FAST_NETWORK, FULL_NETWORK
from train.networks.convolution import convolution

STEM_STRIDE = 4
"""The stem reads each square of so many pixels once: at a stride of 2 it would take as long as all
other layers."""


@dataclass(frozen=True)
class Shape:
    """What the networks differ in."""

    stem_channels: int
    """16 channels for 16 pixels lose detail, since ReLU keeps half of each."""
    stride4_channels: int
    """Of the convolution behind the stem. Without one, small faces are learned slowly."""
    blocks_before: tuple[str, ...]
    """The blocks that each stage of the pyramid has before its last one."""


SHAPES = {FULL_NETWORK: Shape(32, 32, ("first",)), FAST_NETWORK: Shape(24, 16, ("first",))}


def face_network(name: str, height: int | None = None, width: int | None = None) -> keras.Model:
    """Takes float grey pixels 0..255, (batch, height, width, 1), both sides multiples of 32.

    Gives (batch, height / stride, width / stride, CHANNELS) for the strides 8, 16 and 32; see
    `fer_edge.detectors.grid`.

    Args:
        name: one of `train.detector.settings.NETWORKS`.
        height: of the pictures, in pixels; None: any.
        width: likewise.
    """
    shape = SHAPES[name]
    inputs = keras.Input((height, width, 1), name="pixels")
    x = layers.Rescaling(1 / 127.5, offset=-1.0, name="scale")(inputs)
    x = convolution(x, shape.stem_channels, "stem", size=STEM_STRIDE, strides=STEM_STRIDE)
    x = convolution(x, shape.stride4_channels, "stride4")
    x = convolution(x, PYRAMID_CHANNELS, "stride8", strides=2)
    grids = pyramid(x, shape.blocks_before, CHANNELS)
    return keras.Model(inputs, grids, name="face_detector")
