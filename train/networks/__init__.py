"""The networks that can be trained, by name. One file for each family."""

from __future__ import annotations

import keras

from train.errors import RunError
from train.networks.basic_cnn import BASIC_CNN
from train.networks.ckplus_cnn import CKPLUS_CNN
from train.networks.custom_cnn import CUSTOM_CNN
from train.networks.edge import (
    EDGE,
    EVEN_BROAD,
    EVEN_DEEP,
    EVEN_EDGE,
    EVEN_NANO,
    EVEN_WIDE,
    NANO,
    WIDE,
)
from train.networks.edge_candidates import EDGE_BROAD, EDGE_DEEP, EDGE_DEPTHWISE, EDGE_THIN
from train.networks.googlenet import GOOGLENET
from train.networks.lenet import LENET
from train.networks.network import Network
from train.networks.resnet import RESNET18
from train.networks.vgg import VGG16

NETWORKS: dict[str, Network] = {
    "basic_cnn": BASIC_CNN,
    "lenet": LENET,
    "vgg16": VGG16,
    "ckplus_cnn": CKPLUS_CNN,
    "custom_cnn": CUSTOM_CNN,
    "resnet18": RESNET18,
    "googlenet": GOOGLENET,
    "edge": EDGE,
    "nano": NANO,
    "wide": WIDE,
    "even_edge": EVEN_EDGE,
    "even_nano": EVEN_NANO,
    "even_wide": EVEN_WIDE,
    "even_broad": EVEN_BROAD,
    "even_deep": EVEN_DEEP,
    "edge_thin": EDGE_THIN,
    "edge_deep": EDGE_DEEP,
    "edge_broad": EDGE_BROAD,
    "edge_depthwise": EDGE_DEPTHWISE,
}


def find_network(name: str) -> Network:
    """An entry of the zoo.

    Raises:
        RunError: no network has that name.
    """
    if name not in NETWORKS:
        raise RunError(f"no network is called {name!r}; there are: {', '.join(NETWORKS)}")
    return NETWORKS[name]


def build(name: str, classes: int, dropout: float) -> keras.Model:
    """A network of the zoo with fresh weights.

    Raises:
        RunError: no network has that name.
    """
    network = find_network(name)
    return network.build(network.input, classes, dropout)
