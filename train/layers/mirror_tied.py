"""Networks that give the same answer for a face and for its mirror image, by their structure.

Channels come in pairs: the first half of a layer's channels, and the second. What one of a pair
sees in a picture, the other sees in its mirror image. So kernels are tied: a channel's is its
partner's turned left to right, with the inputs' halves exchanged. These are group convolutions
(Cohen and Welling, "Group Equivariant Convolutional Networks", 2016, arXiv:1602.07576) of the group
of mirror images, as plain convolutions. Weights are moved to the nearest tied ones after each step.
For SGD this equals training only tied weights. The network must sample pictures symmetrically:
layers that halve them must not prefer a side.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from train.layers.copied import copied


# Checkpoints of older runs have this name.
@keras.saving.register_keras_serializable(package="fer_edge", name="Tied")
class MirrorTied(keras.constraints.Constraint):
    """Weights such that a layer gives mirrored pairs for mirrored pairs."""

    def __init__(self, inputs: bool = True, outputs: bool = True) -> None:
        """Whether the layer's inputs, and its outputs, are pairs; a picture's colours and classes
        are not.
        """
        self.inputs, self.outputs = inputs, outputs

    def __call__(self, w: Any) -> Any:
        """The mean of the weights and of what they are to a mirrored picture.

        Args:
            w: a kernel, (height, width, inputs, outputs) or (inputs, outputs), or a number for each
                output, (outputs,).
        """
        other = keras.ops.flip(w, axis=1) if len(w.shape) == 4 else w
        if self.inputs and len(w.shape) > 1:
            other = keras.ops.roll(other, w.shape[-2] // 2, axis=-2)
        if self.outputs:
            other = keras.ops.roll(other, w.shape[-1] // 2, axis=-1)
        return (w + other) / 2

    def get_config(self) -> dict[str, Any]:
        """Whether inputs and outputs are pairs."""
        return {"inputs": self.inputs, "outputs": self.outputs}


def with_tied_weights(network: keras.Model) -> keras.Model:
    """A copy for training, whose optimizer keeps the weights tied."""
    copy = copied(network, _tied_layer)
    tie(copy)
    return copy


def tie(network: keras.Model) -> None:
    """Move all weights to the nearest tied ones, those of batch norm's statistics too."""
    for layer in filter(lambda layer: layer.weights, network.layers):
        tied = _tied(layer)
        layer.set_weights([np.array(tied(weight)) for weight in layer.get_weights()])


def _tied_layer(layer: keras.layers.Layer) -> keras.layers.Layer:
    config = layer.get_config()
    if isinstance(layer, keras.layers.BatchNormalization):
        config |= {"gamma_constraint": _tied(layer), "beta_constraint": _tied(layer)}
    elif layer.weights:
        config["kernel_constraint"] = _tied(layer)
    return type(layer).from_config(config)


def _tied(layer: keras.layers.Layer) -> MirrorTied:
    """Of a layer's kernel, or of what batch norm holds for each channel."""
    is_first = layer.input.shape[-1] in (1, 3)
    return MirrorTied(inputs=not is_first, outputs=not isinstance(layer, keras.layers.Dense))
