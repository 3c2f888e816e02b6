"""The networks that can be trained, by name. One file for each family."""

from __future__ import annotations

from collections.abc import Callable

import keras

from fer_edge.models.card import InputSpec
from train.errors import RunError
from train.networks.edge import edge

Builder = Callable[[InputSpec, int], keras.Model]
"""Takes the input and the number of classes; the model takes pixels 0..255 and gives logits."""

NETWORKS: dict[str, Builder] = {"edge": edge}


def build(name: str, spec: InputSpec, classes: int) -> keras.Model:
    """A network of the zoo with fresh weights.

    Raises:
        RunError: no network has that name.
    """
    if name not in NETWORKS:
        raise RunError(f"no network is called {name!r}; there are: {', '.join(NETWORKS)}")
    return NETWORKS[name](spec, classes)
