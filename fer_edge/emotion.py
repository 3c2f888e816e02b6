"""What a model says about one face."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Emotion:
    """The probabilities that a model gives to each emotion, and the likeliest one."""

    label: str
    """The likeliest emotion, one of the model card's labels."""
    probability: float
    """Its probability, 0..1."""
    probabilities: Mapping[str, float]
    """Every label of the card, in its order, with its probability; they add up to 1."""

    @property
    def is_sure(self) -> bool:
        """Whether it is likelier than all others together: a calibrated model is then more often
        right than wrong.
        """
        return self.probability > 0.5
