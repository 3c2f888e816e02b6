"""A network again, with some layers changed."""

from __future__ import annotations

from collections.abc import Callable

import keras


def copied(network: keras.Model, layer_of: Callable[[keras.Layer], keras.Layer]) -> keras.Model:
    """A network of the same shape and weights.

    Args:
        network: stays as it is.
        layer_of: makes the copy's layer of the network's; with the same weights.
    """
    copy = keras.models.clone_model(network, clone_function=layer_of)
    copy.set_weights(network.get_weights())
    return copy
