"""The one-euro filter: little jitter when a value rests, little lag when it moves.

Casiez, Roussel and Vogel, "1-Euro Filter: A Simple Speed-based Low-pass Filter for Noisy Input in
Interactive Systems", CHI 2012. A first-order low-pass filter whose cutoff frequency grows with the
speed of what it filters.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OneEuro:
    """The filter's parameters. It keeps no values, so that one filter serves many at once."""

    min_cutoff: float = 2.0
    """Hz, the cutoff for a value that rests: a lower one gives less jitter."""
    beta: float = 10.0
    """Hz for each unit a second of speed: higher lags less behind."""
    slope_cutoff: float = 2.0
    """Hz, of the low-pass filter over the speed itself."""

    def step(
        self, before: Values, slopes: Values, measured: Values, seconds: Values, unit: Values
    ) -> tuple[Values, Values]:
        """Filter the next values.

        Args:
            before: the filtered values before, of any shape.
            slopes: their filtered speeds before, a second; 0 at the start.
            measured: the new values.
            seconds: since the values before, 0 or more; broadcast to their shape. After 0 seconds
                nothing moves.
            unit: what a speed is counted in, such as a face's size; above 0, broadcast likewise.

        Returns:
            The filtered values and their speeds.
        """
        change = measured - before
        turn = 2 * np.pi * seconds
        # The speed's weight is turn·f / (turn·f + 1); here it is divided by the seconds.
        weight = 2 * np.pi * self.slope_cutoff / (turn * self.slope_cutoff + 1)
        slopes = slopes + weight * (change - slopes * seconds)
        pace = turn * (self.min_cutoff + self.beta / unit * np.abs(slopes))
        return before + pace / (pace + 1) * change, slopes
