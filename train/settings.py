"""The choices that decide what a training gives."""

from __future__ import annotations

from dataclasses import dataclass

from train.errors import RunError

PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")
"""Keras dtype policies that networks are trained in."""


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
    """Of weights, order, augmentation and dropout."""
    votes_weight: float = 0.0
    """The share of the target that comes from FER+'s votes, 0..1."""
    learning_rate: float = 0.1
    """The peak, reached after one epoch; from there it falls to 0 along a cosine."""
    weight_decay: float = 5e-3
    """Of the weights, times the learning rate, each step (decoupled)."""
    label_smoothing: float = 0.1
    """The share of each target that is spread over all classes."""
    average: float = 0.999
    """How much of the averaged weights is kept at each step."""
    precision: str = "float32"
    """One of PRECISIONS; mixed_bfloat16 is about twice as fast on CPUs with AVX-512 BF16."""

    def __post_init__(self) -> None:
        for name, low, high in (
            ("epochs", 1, 100_000),
            ("batch", 1, 65_536),
            ("seed", 0, 2**31 - 1),
            ("votes_weight", 0, 1),
            ("learning_rate", 0, 100),
            ("weight_decay", 0, 1),
            ("label_smoothing", 0, 1),
            ("average", 0, 1),
        ):
            if not low <= getattr(self, name) <= high:
                raise RunError(f"{name} must be {low}..{high}, got {getattr(self, name)}")
        if self.precision not in PRECISIONS:
            raise RunError(f"precision must be one of {', '.join(PRECISIONS)}: {self.precision!r}")
