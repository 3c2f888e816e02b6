"""A network's outputs as plain convolutions, which can say more of landmarks than pairs can.

The pyramid network's outputs are pairs: a convolution of 1x1, then one of 3x3 for each number. So
each number sees one pattern of places. A plain convolution of 3x3 sees one for each feature. At the
coarser strides, where cells are few, it takes no more time.
"""

from __future__ import annotations

import keras
import numpy as np
from keras import layers

from train.detector.targets import STRIDES

WIDENED_STRIDES = (16, 32)
"""At a stride of 8 there are most cells, so the whole network would take 3 % more time."""


def with_plain_outputs(network: keras.Model) -> keras.Model:
    """The same network; pairs at WIDENED_STRIDES are one convolution each.

    Its numbers are the same, except in the cells at a picture's edges. Beyond an edge, a pair has
    zeros; the plain convolution counts the first one's biases there, too.
    """
    outputs = list(network.outputs)
    for place, stride in enumerate(STRIDES):
        if stride in WIDENED_STRIDES and is_pair(network, stride):
            outputs[place] = _plain(network, stride)
    return keras.Model(network.inputs[0], outputs, name=network.name)


def is_pair(network: keras.Model, stride: int) -> bool:
    """Whether the outputs of a stride are a pair."""
    return isinstance(output_layer(network, stride), layers.DepthwiseConv2D)


def output_layer(network: keras.Model, stride: int) -> keras.layers.Layer:
    """The last layer of a stride."""
    return network.get_layer(f"stride{stride}_faces")


def _plain(network: keras.Model, stride: int) -> keras.KerasTensor:
    point, last = network.get_layer(f"stride{stride}_numbers"), output_layer(network, stride)
    (point_kernel, point_biases), (depth_kernel, biases) = point.get_weights(), last.get_weights()
    patterns = depth_kernel[..., 0]
    plain = layers.Conv2D(
        patterns.shape[-1], 3, padding="same", dtype="float32", name=f"stride{stride}_faces"
    )
    outputs = plain(point.input)
    kernel = np.einsum("hwn,cn->hwcn", patterns, point_kernel[0, 0])
    plain.set_weights([kernel, biases + point_biases * patterns.sum(axis=(0, 1))])
    return outputs
