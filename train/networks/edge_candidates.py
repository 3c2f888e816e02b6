"""Alternatives to `edge` at its cost or less; docs/architectures.md compares them."""

from __future__ import annotations

import keras

from fer_edge.models.card import InputSpec
from train.networks.edge import EDGE
from train.networks.network import Network
from train.networks.staged import depthwise, staged


def edge_thin(spec: InputSpec, classes: int, dropout: float) -> keras.Model:
    """Three quarters of `edge`'s channels: 28 million multiply-adds."""
    return staged(spec, classes, dropout, ((24, 1), (48, 2), (96, 2)), "edge_thin")


def edge_deep(spec: InputSpec, classes: int, dropout: float) -> keras.Model:
    """As thin, with more blocks: 45 million multiply-adds."""
    return staged(spec, classes, dropout, ((24, 1), (48, 3), (96, 4)), "edge_deep")


def edge_broad(spec: InputSpec, classes: int, dropout: float) -> keras.Model:
    """More channels, fewer blocks: 43 million multiply-adds."""
    return staged(spec, classes, dropout, ((40, 0), (80, 1), (160, 2)), "edge_broad")


def edge_depthwise(spec: InputSpec, classes: int, dropout: float) -> keras.Model:
    """Twice the channels, depthwise convolutions: 36 million multiply-adds."""
    stages = ((64, 1), (128, 3), (256, 3))
    return staged(spec, classes, dropout, stages, "edge_depthwise", block=depthwise)


EDGE_THIN = Network(edge_thin, best=EDGE.best)
EDGE_DEEP = Network(edge_deep, best=EDGE.best)
EDGE_BROAD = Network(edge_broad, best=EDGE.best)
EDGE_DEPTHWISE = Network(edge_depthwise, best=EDGE.best)
