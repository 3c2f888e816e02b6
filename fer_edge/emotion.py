"""What a model says about one face."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fer_edge.errors import ArgumentError
from fer_edge.number import are_plain_and_finite, finite_number
from fer_edge.printable import brief


@dataclass(frozen=True, slots=True)
class Emotion:
    """The probabilities that a model gives to each emotion, and the likeliest one."""

    label: str
    """The likeliest emotion, one of the model card's labels."""
    probability: float
    """Its probability, 0..1."""
    # A dict has no hash, and what is equal has equal fields beside it.
    probabilities: Mapping[str, float] = field(hash=False)
    """Every label of the card, in its order, with its probability; they add up to 1."""

    def __post_init__(self) -> None:
        """Raises:
        ArgumentError: the label is no text, or a probability is no finite number.
        """
        if not isinstance(self.label, str):
            raise ArgumentError(f"label must be text, got {type(self.label).__name__}")
        # Checked for a dict first, because the check for another mapping takes much longer.
        if not isinstance(self.probabilities, dict | Mapping):
            kind = type(self.probabilities).__name__
            raise ArgumentError(f"probabilities must be a mapping of labels, got {kind}")
        if not are_plain_and_finite((self.probability, *self.probabilities.values())):
            plain = finite_number("probability", self.probability)
            object.__setattr__(self, "probability", plain)
            for label, value in self.probabilities.items():
                finite_number(f"the probability of {brief(label)}", value)

    @property
    def is_sure(self) -> bool:
        """Whether it is likelier than all others together. Then a calibrated model is right more
        often than wrong.
        """
        return self.probability > 0.5
