"""All settings of a training, in groups.

Two runs with the same settings and data are the same run.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from train.emotion.flat_settings import grouped
from train.emotion.setting_groups import (
    HEADS,
    MIXED,
    AugmentationSettings,
    DataSettings,
    DistillationSettings,
    NetworkSettings,
    OptimizerSettings,
    TargetSettings,
    TrainingSettings,
)
from train.errors import RunError
from train.networks import find_network
from train.run.setting import changed, check_group, from_tables
from train.run.setting import to_json as tables_of

__all__ = ["HEADS", "MIXED", "Settings"]


WITH_VOTES = {"targets.votes_weight": 0.5}
WITH_TEACHERS = {"distillation.weight": 0.9, "distillation.views": 16}


def completed(chosen: Mapping[str, Any], votes: bool, teachers: tuple[str, ...]) -> dict[str, Any]:
    """What was chosen, and what goes with votes and teachers unless it was chosen.

    Args:
        chosen: values by `group.name`.
        votes: whether FER+'s votes are there.
        teachers: what the setting of that name is to hold.

    Raises:
        RunError: the network, its heads or its teachers are among what was chosen, or a share of
            votes that are not there.
    """
    if "network.name" in chosen:
        raise RunError("the network is named by NETWORK (fit NETWORK …), not by --set")
    if chosen.get("network.head"):
        raise RunError("network.head is set by fit when network.two_heads is; drop it")
    if "distillation.teachers" in chosen:
        raise RunError("teachers are named by --teachers RUN …, not by --set")
    if not votes and chosen.get("targets.votes_weight"):
        raise RunError("targets.votes_weight and no votes: add --votes, or drop it")
    # Without votes no share of the targets can come from them, whatever a network is best with.
    given = {**(WITH_VOTES if votes else {"targets.votes_weight": 0.0}), **chosen}
    return {**WITH_TEACHERS, **given, "distillation.teachers": teachers} if teachers else given


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
        self._check_consistency()

    def _check_data(self) -> None:
        data, two_heads = self.data, self.network.two_heads
        if data.also_public and data.folds:
            raise RunError("folds have no PublicTest: choose data.also_public or data.folds")
        if data.also_public and (two_heads or self.targets.votes_weight):
            raise RunError(
                "PublicTest's votes are not for training: with data.also_public learn from labels "
                "alone (no --votes, targets.votes_weight=0, network.two_heads=false)"
            )
        if data.folds == 1 or data.fold > data.folds:
            raise RunError(f"expected 2 folds or more and a fold among them, got {data.folds}")
        if data.parts == 1 or bool(data.hold_out) != bool(data.parts) or data.hold_out > data.parts:
            raise RunError(
                "expected a part to hold out and 2 parts or more, got "
                f"data.hold_out={data.hold_out} and data.parts={data.parts}"
            )
        if data.parts and data.folds:
            raise RunError("folds hold out parts themselves: choose data.folds or --hold-out")
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
        chosen = (some.weight, some.views, some.views_mean, some.temperature != 1)
        if not some.teachers and any(chosen):
            raise RunError(
                "settings of soft targets, and no teachers: add --teachers, or drop "
                "distillation.weight, .views, .views_mean and .temperature"
            )
        if some.views_mean and self.augmentation.mixup:
            raise RunError(
                "mixed faces have no views of their own: choose distillation.views_mean or "
                "augmentation.mixup"
            )

    def _check_consistency(self) -> None:
        if not self.augmentation.consistency:
            return
        if self.augmentation.mixup:
            raise RunError(
                "mixed faces are no two pictures of one face: choose augmentation.consistency or "
                "augmentation.mixup"
            )
        if self.training.batch % 2:
            raise RunError(
                "with augmentation.consistency each batch shows half as many faces twice: expected "
                "an even training.batch"
            )
        if self.distillation.teachers and self.distillation.views_mean != 1:
            raise RunError(
                "teachers have not seen the small moves that augmentation.consistency makes: "
                "expected distillation.views_mean=1"
            )

    @classmethod
    def of(cls, network: str, chosen: Mapping[str, Any]) -> Settings:
        """The network's best settings, changed by the chosen values, by `group.name`.

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
