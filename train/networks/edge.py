"""The shipped networks, their first versions, and their teachers.

Plain convolutions with folded batch norm and ReLU lose next to nothing as int8. int8 kernels run
them fastest per multiply-add. Depthwise ones took longer for less (docs/architectures.md).
"""

from __future__ import annotations

import keras

from fer_edge.models.card import InputSpec
from train.networks.network import Network
from train.networks.staged import staged

EDGE_STAGES = ((32, 1), (64, 2), (128, 2))
WIDE_STAGES = ((64, 1), (128, 2), (256, 2))
BROAD_STAGES = ((96, 1), (192, 2), (384, 2))
DEEP_STAGES = ((64, 2), (128, 3), (256, 3))
NANO_STAGES = ((24, 0), (32, 1), (64, 2), (96, 1))
"""No block at half the resolution, where it would cost the most."""


def edge(spec: InputSpec, classes: int, dropout: float) -> keras.Model:
    """About 0.68 M parameters and 48 million multiply-adds at 48x48x1."""
    return staged(spec, classes, dropout, EDGE_STAGES, "edge")


def wide(spec: InputSpec, classes: int, dropout: float) -> keras.Model:
    """About 2.7 M parameters and 190 million multiply-adds at 48x48x1."""
    return staged(spec, classes, dropout, WIDE_STAGES, "wide")


def nano(spec: InputSpec, classes: int, dropout: float) -> keras.Model:
    """About 0.30 M parameters and 8.8 million multiply-adds at 48x48x1."""
    return staged(spec, classes, dropout, NANO_STAGES, "nano")


def tied_edge(spec: InputSpec, classes: int, dropout: float) -> keras.Model:
    """As `edge`, but pictures are halved without preferring a side: 49 million multiply-adds."""
    return staged(spec, classes, dropout, EDGE_STAGES, "tied_edge", symmetric=True)


def tied_nano(spec: InputSpec, classes: int, dropout: float) -> keras.Model:
    """As `nano`, likewise: 9 million multiply-adds."""
    return staged(spec, classes, dropout, NANO_STAGES, "tied_nano", symmetric=True)


def tied_wide(spec: InputSpec, classes: int, dropout: float) -> keras.Model:
    """As `wide`, likewise: 2.7 M parameters and 195 million multiply-adds."""
    return staged(spec, classes, dropout, WIDE_STAGES, "tied_wide", symmetric=True)


def tied_broad(spec: InputSpec, classes: int, dropout: float) -> keras.Model:
    """A teacher: 6.1 M parameters and 437 million multiply-adds."""
    return staged(spec, classes, dropout, BROAD_STAGES, "tied_broad", symmetric=True)


def tied_deep(spec: InputSpec, classes: int, dropout: float) -> keras.Model:
    """A teacher: 4.2 M parameters and 322 million multiply-adds."""
    return staged(spec, classes, dropout, DEEP_STAGES, "tied_deep", symmetric=True)


_TIED = {"training.epochs": 64, "optimizer.learning_rate": 0.2, "optimizer.weight_decay": 1e-3}
"""MirrorTied weights move by the mean of a pair's two steps, so they can have twice the rate."""
EDGE = Network(
    edge, best={"training.epochs": 64, "optimizer.weight_decay": 2e-3, "network.dropout": 0.1}
)
NANO = Network(
    nano, best={"training.epochs": 64, "optimizer.weight_decay": 2e-3, "network.dropout": 0.0}
)
TIED_EDGE = Network(tied_edge, best={**_TIED, "network.dropout": 0.1}, mirror_tied=True)
TIED_NANO = Network(tied_nano, best={**_TIED, "network.dropout": 0.0}, mirror_tied=True)
WIDE = Network(
    wide, best={"training.epochs": 40, "optimizer.weight_decay": 2e-3, "network.dropout": 0.3}
)

_TIED_LARGE = {
    **_TIED,
    "training.epochs": 150,
    "network.dropout": 0.4,
    "augmentation.strength": 1.5,
}
TIED_WIDE = Network(tied_wide, best={**_TIED_LARGE, "training.epochs": 160}, mirror_tied=True)
TIED_BROAD = Network(tied_broad, best=_TIED_LARGE, mirror_tied=True)
TIED_DEEP = Network(tied_deep, best=_TIED_LARGE, mirror_tied=True)
