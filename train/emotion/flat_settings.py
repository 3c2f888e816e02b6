"""Settings of runs that were made before these had groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from train.errors import RunError

PRESENT_NAMES = {
    "network": "network.name",
    "epochs": "training.epochs",
    "batch": "training.batch",
    "seed": "training.seed",
    "precision": "training.precision",
    "patience": "training.patience",
    "classes": "data.classes",
    "sample": "data.sample",
    "also_public": "data.also_public",
    "folds": "data.folds",
    "fold": "data.fold",
    "votes_weight": "targets.votes_weight",
    "label_smoothing": "targets.label_smoothing",
    "class_weights": "targets.class_weights",
    "two_heads": "network.two_heads",
    "head": "network.head",
    "dropout": "network.dropout",
    "weights": "network.weights",
    "optimizer": "optimizer.name",
    "learning_rate": "optimizer.learning_rate",
    "cycles": "optimizer.cycles",
    "drop_at": "optimizer.drop_at",
    "weight_decay": "optimizer.weight_decay",
    "average": "optimizer.ema",
    "augmentation": "augmentation.strength",
    "quality": "augmentation.degradation",
    "mixup": "augmentation.mixup",
    "teachers": "distillation.teachers",
    "teachers_weight": "distillation.weight",
    "views": "distillation.views",
    "views_mean": "distillation.views_mean",
}
"""The present name of each old setting."""
REMOVED_SETTINGS = {"sharpness": 0.0}
"""Removed settings, with the value that had no effect."""


def grouped(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Values by `group.name`.

    Raises:
        RunError: a setting that this version does not know.
    """
    known = {
        n: value
        for n, value in flat.items()
        if not (n in REMOVED_SETTINGS and value == REMOVED_SETTINGS[n])
    }
    strange = [name for name in known if name not in PRESENT_NAMES]
    if strange:
        raise RunError(
            f"the run's settings are of another version: {', '.join(strange)} is not known here"
        )
    return {PRESENT_NAMES[name]: value for name, value in known.items()}
