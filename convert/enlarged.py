"""Replaces the doubling of pictures by copies of their channels that are spread.

TFLite's RESIZE_NEAREST_NEIGHBOR is told a size in pixels, so a model with it takes pictures of one
size. DEPTH_TO_SPACE takes them as they come, and XNNPACK runs it.
"""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="fer_edge")
class Doubled(keras.layers.Layer):
    """Each pixel as a square of 2x2 pixels; needs TensorFlow."""

    def call(self, picture: Any) -> Any:
        import tensorflow as tf

        return tf.nn.depth_to_space(tf.concat([picture] * 4, axis=-1), 2)


def with_doubling_in_depth(network: keras.Model) -> keras.Model:
    """A network with the same outputs; the network itself if it doubles no picture."""
    if not any(_doubles(layer) for layer in network.layers):
        return network
    copy = keras.models.clone_model(network, clone_function=_layer)
    copy.set_weights(network.get_weights())
    return copy


def _doubles(layer: keras.Layer) -> bool:
    return (
        isinstance(layer, keras.layers.UpSampling2D)
        and tuple(layer.size) == (2, 2)
        and layer.interpolation == "nearest"
    )


def _layer(layer: keras.Layer) -> keras.Layer:
    if _doubles(layer):
        return Doubled(name=layer.name)
    return type(layer).from_config(layer.get_config())
