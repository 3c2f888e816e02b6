"""What a model says about one face."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fer_edge.errors import ArgumentError
from fer_edge.finite import are_plain_and_finite, check_finite


@dataclass(frozen=True, slots=True)
class Emotion:
    """The probabilities that a model gives to each emotion, and the likeliest one."""

    label: str
    """The likeliest emotion, one of the model card's labels."""
    probability: float
    """Its probability, 0..1."""
    probabilities: Mapping[str, float]
    """Every label of the card, in its order, with its probability; they add up to 1."""

    def __post_init__(self) -> None:
        """Raises:
        ArgumentError: the label is no text, or a probability is no finite number.
        """
        if not isinstance(self.label, str):
            raise ArgumentError(f"label must be text, got {type(self.label).__name__}")
        if not isinstance(self.probabilities, Mapping):
            kind = type(self.probabilities).__name__
            raise ArgumentError(f"probabilities must be a mapping of labels, got {kind}")
        if not are_plain_and_finite((self.probability, *self.probabilities.values())):
            check_finite("probability", self.probability)
            for label, value in self.probabilities.items():
                check_finite(f"the probability of {label!r}", value)

    @property
    def is_sure(self) -> bool:
        """Whether it is likelier than all others together: a calibrated model is then more often
        right than wrong.
        """
        return self.probability > 0.5
