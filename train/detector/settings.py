"""All settings of a detector's training, in groups.

Two runs with the same settings and data are the same run.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from train.errors import RunError
from train.run.setting import (
    PRECISION_HELP,
    PRECISIONS,
    SEED_HELP,
    changed,
    check_group,
    from_tables,
    setting,
)
from train.run.setting import to_json as tables_of

COARSEST_STRIDE = 32
"""Pixels; a scene's side is a multiple of it."""
SEARCHED_ONCE_SHARE = 1.05
"""Scenes show faces of up to 1.25 times their side. So the network knows faces of 1.2 times the
shorter side in pictures of this longer side, as a multiple of the scenes' side."""
PYRAMID_NETWORK, FAST_NETWORK = "face-detector", "face-detector-fast"
NETWORKS = (PYRAMID_NETWORK, FAST_NETWORK)
"""One that begins with YuNet's layers and learns its features, and one of plain convolutions that
takes less time."""
PRESENT_NAMES = {
    "epochs": "training.epochs",
    "batch": "training.batch",
    "side": "training.side",
    "seed": "training.seed",
    "precision": "training.precision",
    "learning_rate": "optimizer.learning_rate",
    "weight_decay": "optimizer.weight_decay",
    "average": "optimizer.ema",
    "weights": "network.weights",
}
"""What the settings of runs from before these had groups are called now."""


@dataclass(frozen=True)
class DetectorTraining:
    """Length, batch, seed and numbers of a training."""

    epochs: int = setting(
        60, "epochs, each of as many scenes as there are pictures", low=1, high=100_000
    )
    batch: int = setting(16, "scenes a step", low=1, high=4096)
    side: int = setting(320, "pixels of a scene, a multiple of 32", low=32, high=4096)
    seed: int = setting(1, SEED_HELP, low=0, high=2**31 - 1)
    precision: str = setting("float32", PRECISION_HELP, choices=PRECISIONS)

    @property
    def searched_once(self) -> int:
        """Pixels of a picture's longer side up to which the network finds near faces, too."""
        return round(SEARCHED_ONCE_SHARE * self.side)


@dataclass(frozen=True)
class DetectorOptimizer:
    """The optimizer."""

    learning_rate: float = setting(
        2e-3, "the peak, reached after an epoch; then it falls along a cosine", low=0, high=100
    )
    weight_decay: float = setting(
        0.05, "decoupled weight decay, times the learning rate", low=0, high=10
    )
    ema: float = setting(0.999, "the largest decay of the weights' EMA; 0: no EMA", low=0, high=1)


@dataclass(frozen=True)
class DetectorNetwork:
    """The network."""

    name: str = setting(PYRAMID_NETWORK, "which network is trained", choices=NETWORKS)
    weights: str = setting("", "start from a Keras file", file=True)


@dataclass(frozen=True)
class DetectorDistillation:
    """What a network learns from a teacher besides the boxes."""

    features: float = setting(
        0.0,
        "weight of the teacher's features. Without distillation.network the teacher is YuNet, for "
        "face-detector alone: it needs --teacher, and the network then begins with YuNet's layers, "
        "unless it has network.weights",
        low=0,
        high=1000,
    )
    outputs: float = setting(
        0.0, "weight of distillation.network's scores, boxes and landmarks", low=0, high=1000
    )
    network: str = setting("", "the teacher: the Keras file of a face-detector", file=True)

    def __post_init__(self) -> None:
        """Raises:
        RunError: there is a teacher and nothing to learn from it, or outputs without a teacher.
        """
        if self.network and not (self.features or self.outputs):
            raise RunError(
                "distillation.network needs distillation.features or distillation.outputs: the "
                "weight of what is learned from it"
            )
        if self.outputs and not self.network:
            raise RunError("distillation.outputs needs distillation.network, the teacher")


@dataclass(frozen=True)
class DetectorSettings:
    """All groups.

    Raises:
        RunError: a setting out of its range.
    """

    training: DetectorTraining = dataclasses.field(default_factory=DetectorTraining)
    optimizer: DetectorOptimizer = dataclasses.field(default_factory=DetectorOptimizer)
    network: DetectorNetwork = dataclasses.field(default_factory=DetectorNetwork)
    distillation: DetectorDistillation = dataclasses.field(default_factory=DetectorDistillation)

    def __post_init__(self) -> None:
        for group in dataclasses.fields(self):
            check_group(getattr(self, group.name), group.name)
        if self.training.side % COARSEST_STRIDE:
            raise RunError(
                f"training.side must be a multiple of {COARSEST_STRIDE}, got {self.training.side}"
            )

    @classmethod
    def of(cls, chosen: Mapping[str, Any]) -> DetectorSettings:
        """The default settings, changed by the chosen values, by `group.name`.

        Raises:
            RunError: no such setting, or one out of its range.
        """
        return changed(cls(), chosen)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> DetectorSettings:
        """Settings as `run.json` keeps them; what an older one lacks is as it was then.

        Raises:
            RunError: a setting that this version does not know.
        """
        if "epochs" not in data:
            return cls.of(from_tables(data))
        # Rounding in training was removed; no remaining run used it.
        known = {name: value for name, value in data.items() if (name, value) != ("rounded", False)}
        strange = [name for name in known if name not in PRESENT_NAMES]
        if strange:
            raise RunError(f"the run's settings are of another version: {', '.join(strange)}")
        return cls.of({PRESENT_NAMES[name]: value for name, value in known.items()})

    def to_json(self) -> dict[str, Any]:
        """As JSON has them: a table a group."""
        return tables_of(self)
