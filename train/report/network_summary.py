"""Summary of a network: layers, parameters, multiply-adds."""

from __future__ import annotations

import math
from dataclasses import dataclass

import keras


@dataclass(frozen=True)
class LayerRow:
    """One layer of a network."""

    name: str
    """Its name in the network."""
    kind: str
    """Keras's name of the layer."""
    shape: str
    """Of its output, without the batch."""
    parameters: int
    """Numbers that it holds."""
    multiply_adds: int
    """For one picture; of convolutions and dense layers, which are nearly all there is."""


def layer_rows(network: keras.Model) -> list[LayerRow]:
    """The layers in order."""
    return [
        LayerRow(
            name=layer.name,
            kind=type(layer).__name__,
            shape="x".join(map(str, _shape(layer))),
            parameters=layer.count_params(),
            multiply_adds=_multiply_adds(layer),
        )
        for layer in network.layers
    ]


def multiply_adds(network: keras.Model) -> int:
    """Of the whole network, for one picture."""
    return sum(row.multiply_adds for row in layer_rows(network))


def _shape(layer: keras.Layer) -> tuple[int, ...]:
    return tuple(layer.output.shape[1:])


def _multiply_adds(layer: keras.Layer) -> int:
    if isinstance(layer, (keras.layers.Conv2D, keras.layers.Dense)):
        # Each output position is reached by every weight of the kernel once.
        return int(math.prod(layer.kernel.shape) * math.prod(_shape(layer)[:-1]))
    if isinstance(layer, keras.layers.DepthwiseConv2D):
        return int(math.prod(layer.kernel.shape) * math.prod(_shape(layer)[:2]))
    return 0
