"""All settings of a training, with their limits and help texts."""

from __future__ import annotations

from dataclasses import dataclass

from train.run.setting import PRECISION_HELP, PRECISIONS, SEED_HELP, setting

HEADS = ("people", "labels")
"""What the two heads of a network learn: FER+'s votes, the dataset's labels; in the order of its
outputs."""
MIXED = ("mixed", "mixed-labels")
"""Names of heads that give a mean of both, one for the truth of each of HEADS."""


@dataclass(frozen=True)
class DataSettings:
    """Which faces a run learns from and is tested on."""

    classes: tuple[str, ...] = setting((), "emotions to tell apart; none: those in the data")
    sample: int = setting(
        0, "learn from so many faces only, each class in its share; 0: all", low=0, high=10**9
    )
    also_public: float = setting(
        0.0,
        "share of PublicTest to learn from, too, if only the temperature is still to be chosen",
        low=0,
        high=0.95,
    )
    hold_out: int = setting(
        0,
        "learn without this part of Training, from 1 (--hold-out K/N); 0: with all",
        low=0,
        high=100,
    )
    parts: int = setting(
        0, "parts of Training, near-duplicates in one; 0: no parts", low=0, high=100
    )
    folds: int = setting(
        0,
        "cross-validate in so many parts, no person in two if the data name persons; 0: no",
        low=0,
        high=100,
    )
    fold: int = setting(0, "the part to test on, from 1; 0: each after the other", low=0, high=100)


@dataclass(frozen=True)
class NetworkSettings:
    """The network."""

    name: str = setting("edge", "the network's name")
    dropout: float = setting(0.3, "dropout of the features before the last layer", low=0, high=0.99)
    two_heads: bool = setting(False, "two heads on one trunk: one learns votes, one labels")
    head: str = setting("", "the only head that this run still has", choices=("", *HEADS, *MIXED))
    weights: str = setting("", "start from a Keras file or a PyTorch state file", file=True)


@dataclass(frozen=True)
class TrainingSettings:
    """Length, batch, seed and numbers of a training."""

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
    tensorboard: bool = setting(False, "write logs for TensorBoard into the run")


@dataclass(frozen=True)
class TargetSettings:
    """The targets of each face."""

    votes_weight: float = setting(
        0.0, "share of the target from FER+'s votes (with --votes: 0.5)", low=0, high=1
    )
    label_smoothing: float = setting(
        0.1, "share of the target spread over all classes", low=0, high=1
    )
    class_weights: bool = setting(False, "weight faces so that all classes count alike")


@dataclass(frozen=True)
class OptimizerSettings:
    """The optimizer."""

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
        "how often the rate rises and falls; each peak is two thirds of the last",
        low=1,
        high=1000,
    )
    drop_at: int = setting(
        0, "keep the rate to this epoch, then a tenth of it; 0: a cosine", low=0, high=100_000
    )
    weight_decay: float = setting(
        5e-3, "decoupled weight decay, times the learning rate", low=0, high=1
    )
    ema: float = setting(0.999, "the largest decay of the weights' EMA; 0: no EMA", low=0, high=1)


@dataclass(frozen=True)
class AugmentationSettings:
    """Augmentation and consistency."""

    strength: float = setting(
        1.0, "moves, light, covering; 0: none, 1: as train.layers.augmentation says", low=0, high=3
    )
    degradation: float = setting(
        0.0, "share of faces that are blurred, and share that gets noise", low=0, high=1
    )
    gamma: float = setting(
        1.0, "largest exponent of pixels (the least is its inverse); 1: none", low=1, high=5
    )
    mixup: float = setting(
        0.0, "mixup of faces, by a beta distribution with this parameter; 0: none", low=0, high=10
    )
    consistency: float = setting(
        0.0,
        "weight of the consistency loss, the difference of two answers to one face that moves "
        "a little; an epoch then shows half of the faces, each twice. 0: none",
        low=0,
        high=100,
    )


@dataclass(frozen=True)
class DistillationSettings:
    """Learning from teachers."""

    teachers: tuple[str, ...] = setting((), "finished runs", file=True)
    weight: float = setting(
        0.0, "share of the soft targets in the target (with --teachers: 0.9)", low=0, high=1
    )
    views: int = setting(0, "views of each face (with --teachers: 16)", low=0, high=10_000)
    views_mean: float = setting(
        0.0,
        "share of the soft targets that is their mean over a face's views; with 1, each epoch "
        "shows new views",
        low=0,
        high=1,
    )
    temperature: float = setting(
        1.0, "of the soft targets; below 1, they are surer than the teachers", low=0.1, high=10
    )
