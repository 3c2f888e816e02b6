"""Numbers as a quantized model holds them: small integers that stand for real ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True, eq=False)
class Quantized:
    """An output of a model. Where few of its numbers are needed, only those are turned into real
    ones.
    """

    raw: npt.NDArray[Any]
    """int8 or uint8, of any shape; real numbers themselves with a scale of 1 and a zero of 0."""
    scale: np.float32 = np.float32(1.0)
    """How much a step of `raw` is."""
    zero: int = 0
    """Which integer stands for 0."""

    def real(self, some: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        """What a part of `raw` stands for, float32 in the part's shape; a new array."""
        numbers: npt.NDArray[np.float32] = some.astype(np.float32)
        # In place: for large outputs, new arrays would cost as much as the arithmetic.
        if self.zero:
            numbers -= self.zero
        numbers *= self.scale
        return numbers
