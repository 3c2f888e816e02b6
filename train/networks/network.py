"""An entry of the zoo: how a network is built, its input, and its best training settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import keras

from fer_edge.models.card import InputSpec

Builder = Callable[[InputSpec, int, float], keras.Model]
"""Takes the input, the number of classes and the dropout rate. The model takes float pixels 0..255,
(batch, height, width, channels), and gives logits, (batch, classes). Where it has further outputs,
they are auxiliary heads of the same shape, for training alone."""


@dataclass(frozen=True)
class Reported:
    """What the plan of this project named for a network, each 0..1. It gave no source."""

    test_accuracy: float | None = None
    """On faces that it did not see."""
    wanted: float | None = None
    """The test accuracy that a run here must reach."""
    truth: str = "fer2013"
    """Whose labels all this is measured by: "fer2013", or "labels" of another dataset (CK+)."""


@dataclass(frozen=True)
class Network:
    """One entry of the zoo."""

    build: Builder
    """Makes it with fresh weights."""
    side: int = 48
    """Pixels of the square picture that it takes in."""
    colour: Literal["grey", "rgb"] = "grey"
    """Of that picture."""
    best: Mapping[str, Any] = field(default_factory=dict)
    """The settings that it is best trained with, where they differ from the general ones."""
    heads: int = 1
    """Outputs: its own and the auxiliary ones."""
    auxiliary_weight: float = 0.0
    """How much the loss of each auxiliary head counts beside the network's own."""
    mirror_tied: bool = False
    """Whether weights are tied so that a face and its mirror image get the same answer."""
    reported: Reported = Reported()
    """Figures to compare with."""

    @property
    def input(self) -> InputSpec:
        """Pictures from hair line to chin, as FER2013 has them."""
        return InputSpec(self.side, self.side, self.colour, margin=0.0)
