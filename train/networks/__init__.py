"""The networks that can be trained, by name. One file for each family, read when asked for."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from train.errors import UsageError

if TYPE_CHECKING:
    import keras

    from train.networks.network import Network

FAMILIES = {
    "basic_cnn": ("basic_cnn",),
    "lenet": ("lenet",),
    "vgg": ("vgg16",),
    "ckplus_cnn": ("ckplus_cnn",),
    "custom_cnn": ("custom_cnn",),
    "resnet": ("resnet18",),
    "googlenet": ("googlenet",),
    "edge": (
        "edge",
        "nano",
        "wide",
        "tied_edge",
        "tied_nano",
        "tied_wide",
        "tied_broad",
        "tied_deep",
    ),
    "edge_candidates": ("edge_thin", "edge_deep", "edge_broad", "edge_depthwise"),
}
"""The networks of each file of this folder; there, each stands under its name in capitals."""
NETWORKS = tuple(name for names in FAMILIES.values() for name in names)
"""All names."""
FORMER_NAMES = {
    "even_edge": "tied_edge",
    "even_nano": "tied_nano",
    "even_wide": "tied_wide",
    "even_broad": "tied_broad",
    "even_deep": "tied_deep",
}
"""Former names of some networks, in older runs and cards."""


def find_network(name: str) -> Network:
    """An entry of the zoo.

    Raises:
        UsageError: no network has that name.
    """
    name = FORMER_NAMES.get(name, name)
    for family, names in FAMILIES.items():
        if name in names:
            module = importlib.import_module(f"train.networks.{family}")
            network: Network | None = getattr(module, name.upper(), None)
            if network is None:
                raise UsageError(
                    f"{module.__name__} has no {name.upper()}: a network stands there under its "
                    "name in capitals"
                )
            return network
    raise UsageError(f"no network is called {name!r}; there are: {', '.join(NETWORKS)}")


def build(name: str, classes: int, dropout: float) -> keras.Model:
    """A network of the zoo with fresh weights.

    Raises:
        UsageError: no network has that name.
    """
    network = find_network(name)
    return network.build(network.input, classes, dropout)
