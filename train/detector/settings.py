"""The choices that decide what a detector's training gives."""

from __future__ import annotations

from dataclasses import dataclass

from train.emotion.settings import PRECISIONS
from train.errors import RunError
from train.run.limits import check_limits

LIMITS = {
    "epochs": (1, 100_000),
    "batch": (1, 4096),
    "side": (32, 4096),
    "seed": (0, 2**31 - 1),
    "learning_rate": (0, 100),
    "weight_decay": (0, 10),
    "average": (0, 1),
}
"""The least and the greatest value of each number."""


@dataclass(frozen=True)
class DetectorSettings:
    """Two runs with the same settings and data are the same run.

    Raises:
        RunError: a setting out of its range.
    """

    epochs: int = 60
    """Of as many scenes as there are pictures."""
    batch: int = 16
    """Scenes a step."""
    side: int = 320
    """Pixels of a scene, a multiple of 32."""
    seed: int = 1
    """Of weights, scenes and order."""
    learning_rate: float = 2e-3
    """The peak, reached after one epoch; from there it falls to 0 along a cosine."""
    weight_decay: float = 0.05
    """Of the weights, times the learning rate, each step (decoupled)."""
    average: float = 0.999
    """How much of the averaged weights is kept at each step."""
    weights: str = ""
    """The SHA-256 of the file whose weights it starts from."""
    precision: str = "float32"
    """A Keras dtype policy."""

    def __post_init__(self) -> None:
        check_limits(self, LIMITS)
        if self.precision not in PRECISIONS:
            raise RunError(f"precision must be one of {', '.join(PRECISIONS)}: {self.precision!r}")
        if self.side % 32:
            raise RunError(f"side must be a multiple of 32, got {self.side}")
