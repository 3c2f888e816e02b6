"""The choices that decide what a training gives, in groups.

Two runs with the same settings and data are the same run.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from train.emotion.flat_settings import grouped
from train.errors import RunError
from train.networks import find_network
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

HEADS = ("people", "labels")
"""What the two heads of a network learn: FER+'s votes, the dataset's labels; in the order of its
outputs."""
MIXED = ("mixed", "mixed-labels")
"""What a head is called that answers with a mean of both: one for what each of HEADS is asked."""


@dataclass(frozen=True)
class DataSettings:
    """Which faces a run learns from and is tested on."""

    classes: tuple[str, ...] = setting((), "emotions to tell apart; none: those in the data")
    sample: int = setting(
        0, "learn from so many faces only, drawn from each class alike; 0: all", low=0, high=10**9
    )
    also_public: float = setting(
        0.0,
        "share of PublicTest to learn from, too, once only the temperature is left to choose",
        low=0,
        high=0.95,
    )
    folds: int = setting(
        0, "cross-validate in so many parts, no person in two of them; 0: no", low=0, high=100
    )
    fold: int = setting(0, "the part to test on, from 1; 0: each after the other", low=0, high=100)


@dataclass(frozen=True)
class NetworkSettings:
    """What is trained."""

    name: str = setting("edge", "its name in the zoo")
    dropout: float = setting(
        0.3, "share of the features before the last layer that a step omits", low=0, high=0.99
    )
    two_heads: bool = setting(False, "learn votes in one head, labels in another, on one trunk")
    head: str = setting("", "the head that this run has left", choices=("", *HEADS, *MIXED))
    weights: str = setting("", "start from a Keras file or a PyTorch state file", file=True)


@dataclass(frozen=True)
class TrainingSettings:
    """How long and how it is trained."""

    epochs: int = setting(60, "passes over the training faces", low=1, high=100_000)
    batch: int = setting(128, "faces a step", low=1, high=65_536)
    seed: int = setting(1, SEED_HELP, low=0, high=2**31 - 1)
    precision: str = setting(
        "float32",
        PRECISION_HELP,
        choices=PRECISIONS,
    )
    patience: int = setting(
        0,
        "stop after so many epochs without a better PublicTest accuracy; 0: never",
        low=0,
        high=100_000,
    )
    tensorboard: bool = setting(False, "leave logs for TensorBoard in the run")


@dataclass(frozen=True)
class TargetSettings:
    """What is to be learned of each face."""

    votes_weight: float = setting(
        0.0, "share of the target from FER+'s votes (with --votes: 0.5)", low=0, high=1
    )
    label_smoothing: float = setting(
        0.1, "share of the target spread over all classes", low=0, high=1
    )
    class_weights: bool = setting(False, "weight faces so that all classes count alike")


@dataclass(frozen=True)
class OptimizerSettings:
    """How weights are moved."""

    name: str = setting(
        "sgd",
        "sgd has Nesterov's momentum of 0.9; both decouple weight decay",
        choices=("sgd", "adam"),
    )
    learning_rate: float = setting(
        0.1, "the peak, reached after an epoch; then it falls along a cosine", low=0, high=100
    )
    cycles: int = setting(
        1,
        "times that the rate rises and falls, each peak two thirds of the last",
        low=1,
        high=1000,
    )
    drop_at: int = setting(
        0, "keep the rate to this epoch, then a tenth of it; 0: a cosine", low=0, high=100_000
    )
    weight_decay: float = setting(5e-3, "decoupled, times the learning rate", low=0, high=1)
    ema: float = setting(
        0.999, "of the averaged weights, what a step keeps at most; 0: none", low=0, high=1
    )


@dataclass(frozen=True)
class AugmentationSettings:
    """How faces are varied."""

    strength: float = setting(
        1.0, "moves, light, covering; 0: none, 1: as train.layers.augmentation says", low=0, high=3
    )
    degradation: float = setting(
        0.0, "share of faces that are blurred, and share that gets noise", low=0, high=1
    )
    mixup: float = setting(
        0.0, "mix faces in pairs, shares by a beta distribution of it; 0: no", low=0, high=10
    )


@dataclass(frozen=True)
class DistillationSettings:
    """Learning from teachers."""

    teachers: tuple[str, ...] = setting((), "finished runs", file=True)
    weight: float = setting(
        0.0, "share of the target from the teachers (with --teachers: 0.9)", low=0, high=1
    )
    views: int = setting(
        0, "ways that each face is shown in (with --teachers: 16)", low=0, high=10_000
    )
    views_mean: float = setting(
        0.0, "share of the soft targets that is their mean over a face's views", low=0, high=1
    )


@dataclass(frozen=True)
class Settings:
    """All groups.

    Raises:
        RunError: a setting out of its range, or two that exclude each other.
    """

    data: DataSettings = dataclasses.field(default_factory=DataSettings)
    network: NetworkSettings = dataclasses.field(default_factory=NetworkSettings)
    training: TrainingSettings = dataclasses.field(default_factory=TrainingSettings)
    targets: TargetSettings = dataclasses.field(default_factory=TargetSettings)
    optimizer: OptimizerSettings = dataclasses.field(default_factory=OptimizerSettings)
    augmentation: AugmentationSettings = dataclasses.field(default_factory=AugmentationSettings)
    distillation: DistillationSettings = dataclasses.field(default_factory=DistillationSettings)

    def __post_init__(self) -> None:
        for group in dataclasses.fields(self):
            check_group(getattr(self, group.name), group.name)
        self._check_data()
        if self.optimizer.cycles > 1 and self.optimizer.drop_at:
            raise RunError(
                "the rate either drops or rises again: choose optimizer.cycles or optimizer.drop_at"
            )
        self._check_distillation()

    def _check_data(self) -> None:
        data, two_heads = self.data, self.network.two_heads
        if data.also_public and data.folds:
            raise RunError("folds have no PublicTest: choose data.also_public or data.folds")
        if data.also_public and (two_heads or self.targets.votes_weight):
            raise RunError(
                "PublicTest's votes are not for training: with data.also_public learn from labels "
                "alone (targets.votes_weight=0, network.two_heads=false)"
            )
        if data.folds == 1 or data.fold > data.folds:
            raise RunError(f"expected 2 folds or more and a fold among them, got {data.folds}")
        if two_heads and data.folds:
            raise RunError(
                "two heads cannot be cross-validated: choose network.two_heads or data.folds"
            )
        if len(set(data.classes)) == 1:
            raise RunError("expected two classes or more")

    def _check_distillation(self) -> None:
        some = self.distillation
        if some.teachers and not some.views:
            raise RunError("with teachers, expected one view or more")
        if not some.teachers and (some.weight or some.views or some.views_mean):
            raise RunError(
                "views and weights of soft targets, and no teachers: add --teachers, or drop "
                "distillation.weight, .views and .views_mean"
            )
        if some.views_mean and self.augmentation.mixup:
            raise RunError(
                "mixed faces have no views of their own: choose distillation.views_mean or "
                "augmentation.mixup"
            )

    @classmethod
    def of(cls, network: str, chosen: Mapping[str, Any]) -> Settings:
        """What a network is best trained with, but for what was chosen, by `group.name`.

        Raises:
            RunError: no such network or setting, or a setting out of its range.
        """
        return changed(cls(), {"network.name": network, **find_network(network).best, **chosen})

    def changed(self, **groups: Mapping[str, Any]) -> Settings:
        """The same with other values, e.g. `changed(data={"fold": 2})`."""
        return changed(self, from_tables(groups))

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Settings:
        """Settings as `run.json` keeps them; what an older one lacks is as it was then.

        Raises:
            RunError: a setting that this version does not know.
        """
        return changed(cls(), grouped(data) if "epochs" in data else from_tables(data))

    def to_json(self) -> dict[str, Any]:
        """As JSON has them: a table a group."""
        return tables_of(self)
