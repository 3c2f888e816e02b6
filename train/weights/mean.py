"""The mean of several networks' weights."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

from train.errors import RunError


def mean_network(networks: Sequence[keras.Model], folders: Sequence[Path]) -> keras.Model:
    """The first network, which gets the mean of all weights.

    Args:
        networks: two or more, with a common start.
        folders: their runs', for errors.

    Raises:
        RunError: one has other layers than the first.
    """
    first = _shapes(networks[0])
    for network, folder in zip(networks, folders, strict=True):
        if _shapes(network) != first:
            raise RunError(f"{folder} has another network than {folders[0]}")
    weights = zip(*(network.get_weights() for network in networks), strict=True)
    networks[0].set_weights([np.mean(parts, axis=0, dtype=np.float64) for parts in weights])
    return networks[0]


def _shapes(network: keras.Model) -> list[tuple[int, ...]]:
    return [part.shape for part in network.get_weights()]
