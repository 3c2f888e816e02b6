"""The choices that decide what a training gives."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Two runs with the same settings and data are the same run."""

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
    """A Keras dtype policy; mixed_bfloat16 is about twice as fast on CPUs with AVX-512 BF16."""
