"""The choices that decide what a training gives."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from train.errors import RunError
from train.networks import find_network
from train.run.limits import check_limits

PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")
"""Keras dtype policies that networks are trained in."""
OPTIMIZERS = ("sgd", "adam")
"""SGD is with Nesterov's momentum of 0.9; both with decoupled weight decay."""
HEADS = ("people", "labels")
"""What the two heads of a network learn: FER+'s votes, the dataset's labels; in the order of its
outputs."""
LIMITS: dict[str, tuple[float, float]] = {
    "epochs": (1, 100_000),
    "batch": (1, 65_536),
    "seed": (0, 2**31 - 1),
    "sample": (0, 10**9),
    "also_public": (0, 0.95),
    "folds": (0, 100),
    "fold": (0, 100),
    "votes_weight": (0, 1),
    "teachers_weight": (0, 1),
    "views": (0, 10_000),
    "views_mean": (0, 1),
    "learning_rate": (0, 100),
    "cycles": (1, 1000),
    "drop_at": (0, 100_000),
    "weight_decay": (0, 1),
    "dropout": (0, 0.99),
    "label_smoothing": (0, 1),
    "augmentation": (0, 3),
    "quality": (0, 1),
    "mixup": (0, 10),
    "average": (0, 1),
    "patience": (0, 100_000),
}
"""The least and the greatest value of each number."""
UNUSED = (("sharpness", 0.0),)
"""Settings of older runs that are gone, with the value that meant nothing."""


@dataclass(frozen=True)
class Settings:
    """Two runs with the same settings and data are the same run.

    Raises:
        RunError: a setting out of its range.
    """

    network: str
    """A name of the zoo."""
    epochs: int = 60
    """Passes over the training faces."""
    batch: int = 128
    """Faces a step."""
    seed: int = 1
    """Of weights, order, augmentation, dropout, sample and folds."""
    classes: tuple[str, ...] = ()
    """The emotions to tell apart; without any, those that occur in the data."""
    sample: int = 0
    """Learn from as many faces, drawn from each class alike; 0: from all."""
    also_public: float = 0.0
    """The share of PublicTest that is learned from, too; the rest remains PublicTest. For a
    training in which nothing is left to choose but the temperature."""
    folds: int = 0
    """Cross-validation in as many parts, no person in two of them; 0: the dataset's own splits."""
    fold: int = 0
    """Which part is tested on, 1..folds; 0: all of them, one run after the other."""
    votes_weight: float = 0.0
    """The share of the target that comes from FER+'s votes, 0..1."""
    two_heads: bool = False
    """Whether one head learns FER+'s votes and another the dataset's labels, on one trunk, instead
    of one head a mix of both."""
    head: str = ""
    """Which of HEADS this run is left with; empty: both, or never two."""
    teachers: tuple[str, ...] = ()
    """The SHA-256 of the networks that teach it."""
    teachers_weight: float = 0.0
    """The share of the target that comes from what the teachers say, 0..1."""
    views: int = 0
    """With teachers: how many ways each face is shown in before the first comes again."""
    views_mean: float = 0.0
    """The share of what teachers say to a view that is their mean over all views of that face,
    which is right more often, 0..1."""
    class_weights: bool = False
    """Whether faces of rare classes count more, so that all classes count alike."""
    optimizer: str = "sgd"
    """One of OPTIMIZERS."""
    learning_rate: float = 0.1
    """The peak, reached after one epoch; from there it falls to 0 along a cosine."""
    cycles: int = 1
    """How often the rate rises and falls again, each time to two thirds of the peak before."""
    drop_at: int = 0
    """Keep the rate constant, and from this epoch on at a tenth; 0: the cosine."""
    weight_decay: float = 5e-3
    """Of the weights, times the learning rate, each step (decoupled)."""
    dropout: float = 0.3
    """The share of the features before the last layer that each step leaves out."""
    label_smoothing: float = 0.1
    """The share of each target that is spread over all classes."""
    augmentation: float = 1.0
    """How far faces are varied, 0: not at all; 1: as `train.layers.augmentation` says."""
    quality: float = 0.0
    """The share of faces that are blurred, and the share that gets noise, 0..1."""
    mixup: float = 0.0
    """How evenly faces and their targets are mixed in pairs: both parameters of the beta
    distribution of a face's share in its mixture; 0: not at all."""
    average: float = 0.999
    """How much of the averaged weights is kept at each step; 0: no averaging."""
    patience: int = 0
    """Stop after as many epochs without a better PublicTest accuracy, keep the best; 0: never."""
    weights: str = ""
    """The SHA-256 of the file whose weights it starts from."""
    precision: str = "float32"
    """One of PRECISIONS; mixed_bfloat16 is about twice as fast on CPUs with AVX-512 BF16."""

    def __post_init__(self) -> None:
        check_limits(self, LIMITS)
        for name, allowed in (("precision", PRECISIONS), ("optimizer", OPTIMIZERS)):
            if getattr(self, name) not in allowed:
                raise RunError(
                    f"{name} must be one of {', '.join(allowed)}: {getattr(self, name)!r}"
                )
        if self.also_public and self.folds:
            raise RunError("folds have no PublicTest: choose --also-public or --folds")
        if self.also_public and (self.two_heads or self.votes_weight):
            raise RunError(
                "PublicTest's votes are not for training: with --also-public learn from labels "
                "alone (--votes-weight 0, no --two-heads)"
            )
        if self.folds == 1 or self.fold > self.folds:
            raise RunError(f"expected 2 folds or more and a fold among them, got {self.folds}")
        if self.cycles > 1 and self.drop_at:
            raise RunError("the rate either drops or rises again: choose --cycles or --drop-at")
        if self.two_heads and self.folds:
            raise RunError("two heads cannot be cross-validated: choose --two-heads or --folds")
        if len(set(self.classes)) == 1:
            raise RunError("expected two classes or more")
        if self.teachers and not self.views:
            raise RunError("with teachers, expected one view or more")
        if not self.teachers and (self.teachers_weight or self.views or self.views_mean):
            raise RunError(
                "views and weights of what teachers say, and no teachers: add --teachers, or drop "
                "--teachers-weight, --views and --views-mean"
            )
        if self.views_mean and self.mixup:
            raise RunError("mixed faces have no views of their own: choose --views-mean or --mixup")

    @classmethod
    def of(cls, network: str, chosen: Mapping[str, Any]) -> Settings:
        """The recipe of a network, but for what was chosen.

        Raises:
            RunError: no such network, or a setting out of its range.
        """
        return cls(network, **{**find_network(network).recipe, **chosen})

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Settings:
        """Settings as `run.json` keeps them; what an older one lacks is as it was then.

        Raises:
            RunError: a setting that this version does not know.
        """
        known = {name: value for name, value in data.items() if (name, value) not in UNUSED}
        try:
            lists = {name: tuple(data.get(name, ())) for name in ("classes", "teachers")}
            return cls(**{**known, **lists})
        except TypeError as error:
            raise RunError(f"the run's settings are of another version: {error}") from error

    def to_json(self) -> dict[str, Any]:
        """As JSON has them."""
        lists = {"classes": list(self.classes), "teachers": list(self.teachers)}
        return {**dataclasses.asdict(self), **lists}
