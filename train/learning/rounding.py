"""Training with activations rounded as int8 will round them.

Each activation is rounded to 256 steps between the least and the greatest value of its batch, and
gradients pass as if it were not (Jacob et al., "Quantization and Training of Neural Networks for
Efficient Integer-Arithmetic-Only Inference", 2017, arXiv:1712.05877, section 3; Bengio et al. 2013,
arXiv:1308.3432). Depthwise convolutions need it: their channels differ in range, and all share one
scale. Only the training copy of a network has these layers.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from train.learning.copied import copied

STEPS = 255


def rounded(x: Any) -> Any:
    """`x` as int8 would keep it, with 0 kept exactly; the gradient is that of `x`."""
    low = ops.minimum(ops.min(x), 0.0)
    step = ops.maximum((ops.max(x) - low) / STEPS, 1e-6)
    zero = ops.round(-low / step)
    kept = (ops.clip(ops.round(x / step) + zero, 0, STEPS) - zero) * step
    return x + ops.stop_gradient(kept - x)


@keras.saving.register_keras_serializable(package="fer_edge")
class RoundedReLU(keras.layers.ReLU):
    """Keras's layer, rounded while training."""

    def call(self, inputs: Any, training: bool = False) -> Any:
        outputs = super().call(inputs)
        return rounded(outputs) if training else outputs


@keras.saving.register_keras_serializable(package="fer_edge")
class RoundedAdd(keras.layers.Add):
    """Keras's layer; what is added is rounded while training."""

    def call(self, inputs: Any, training: bool = False) -> Any:
        return super().call([rounded(x) for x in inputs] if training else inputs)

    def compute_output_spec(self, inputs: Any, training: bool = False) -> Any:
        return super().compute_output_spec(inputs)


def with_rounding(network: keras.Model) -> keras.Model:
    """A copy of a network, with its weights, whose activations are rounded while it trains."""

    def copy(layer: keras.Layer) -> keras.Layer:
        if type(layer) is keras.layers.ReLU:
            return RoundedReLU.from_config(layer.get_config())
        if type(layer) is keras.layers.Add:
            return RoundedAdd.from_config(layer.get_config())
        return type(layer).from_config(layer.get_config())

    return copied(network, copy)
