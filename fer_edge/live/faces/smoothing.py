"""Labels that do not flicker: probabilities smoothed over time, and steady states."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from operator import sub

from fer_edge.errors import ArgumentError
from fer_edge.live.results.live_face import UNSURE
from fer_edge.number import finite_number

TOLERANCE = 1e-6
"""Times and probabilities this near to a bound have reached it."""
LONGEST_SMOOTHED_SECONDS = 0.1
"""Seconds that one reading is smoothed over at most, so that a single rare one changes little."""
CLEAR_LEAD = 0.5
"""A state that leads by this is confirmed in the time `confirm`; with half the lead, in twice
that."""
DOUBTFUL_DIFFERENCE = 0.12
"""Where two readings in a row differ by this, a face is doubtful and is smoothed for twice as long.
The difference is half the sum over the probabilities' differences; the median of the last ones
counts."""
MEDIAN_READINGS = 25
"""Readings that the median is taken of."""
MEDIAN_INTERVAL_READINGS = 4
"""Readings after which it is taken anew."""
LARGEST_SMOOTHING_FACTOR = 25.0
"""How many times longer a face is smoothed at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Smoothing:
    """How probabilities are smoothed over time, and when a steady label changes."""

    time_constant: float = 0.06
    """Seconds in which a smoothed probability goes 63 % of the way to what is read; 0 or more.
    Longer by itself for faces that are read doubtfully."""
    hysteresis: float = 0.25
    """By how much another state must be likelier than the steady one to take over, 0..1."""
    confirm: float = 0.10
    """Seconds for which it must stay so, longer if it is only a little likelier; 0 or more. All
    time between two readings counts, also where the face is not seen."""
    min_duration: float = 0.4
    """Seconds that every state lasts at least; 0 or more."""

    def __post_init__(self) -> None:
        """Check the ranges.

        Raises:
            ArgumentError: a field is not a number, or out of its range.
        """
        for name in ("time_constant", "hysteresis", "confirm", "min_duration"):
            value = finite_number(name, getattr(self, name))
            most = 1.0 if name == "hysteresis" else math.inf
            if not 0 <= value <= most:
                limit = "0 to 1" if name == "hysteresis" else "0 or more, in seconds"
                raise ArgumentError(f"{name} must be {limit}, got {value!r}")


class SteadyLabel:
    """The label of one face: its probabilities smoothed over time, and the state that holds.

    The strength of the likeliest label is its smoothed probability. The strength of "unsure" is the
    rest. So "unsure" is strongest where no emotion is likelier than all others together. Another
    state takes over when it is stronger by the hysteresis and stays so until it is confirmed. The
    state before must also have lasted its minimum. A face starts "unsure".
    """

    __slots__ = (
        "_at",
        "_confirmed",
        "_differences",
        "_factor",
        "_raw",
        "_readings",
        "_rival",
        "_smoothing",
        "labels",
        "since",
        "state",
        "values",
    )

    def __init__(self, smoothing: Smoothing, at: float) -> None:
        """Args:
        smoothing: how quickly it follows.
        at: when the face appeared, in seconds.
        """
        self._smoothing = smoothing
        self.labels: tuple[str, ...] = ()
        self.values: list[float] = []
        self.state = UNSURE
        self.since = at
        self._at = at
        self._rival = UNSURE
        self._confirmed = 0.0
        self._raw: list[float] = []
        self._differences: deque[float] = deque(maxlen=MEDIAN_READINGS)
        self._factor = 1.0
        self._readings = 0

    def read(self, probabilities: Mapping[str, float], at: float) -> str | None:
        """Take in what was read.

        Args:
            probabilities: of each label; they add up to 1.
            at: seconds, never less than before.

        Returns:
            The state before, if another one begins now.
        """
        step, self._at = at - self._at, at
        self._smooth(probabilities, min(step, LONGEST_SMOOTHED_SECONDS))
        rival, lead = self._strongest()
        smoothing = self._smoothing
        if rival == self.state or lead < smoothing.hysteresis - TOLERANCE:
            self._rival = self.state
            return None
        if rival != self._rival:
            self._rival, self._confirmed = rival, 0.0
        else:
            self._confirmed += step * min(lead / CLEAR_LEAD, 1.0)
        # The change is due at the frame nearest to the time, not at the first one after it.
        enough = smoothing.confirm - min(step, LONGEST_SMOOTHED_SECONDS) / 2 - TOLERANCE
        if self._confirmed < enough or at - self.since < smoothing.min_duration:
            return None
        before, self.state, self.since = self.state, rival, at
        return before

    @property
    def probabilities(self) -> Mapping[str, float]:
        """Smoothed; of no label before the first reading."""
        return dict(zip(self.labels, self.values, strict=True))

    def _smooth(self, probabilities: Mapping[str, float], step: float) -> None:
        labels, raw = tuple(probabilities), list(probabilities.values())
        if labels != self.labels:
            self.labels, self.values, self._raw = labels, raw, raw
            return
        self._differences.append(sum(map(abs, map(sub, raw, self._raw))) / 2)
        self._raw = raw
        self._readings += 1
        if self._readings % MEDIAN_INTERVAL_READINGS == 0:
            self._factor = _smoothing_factor(self._differences)
        constant = self._smoothing.time_constant * self._factor
        weight = 1 - math.exp(-step / constant) if constant else 1.0
        values = self.values
        self.values = [old + weight * (new - old) for old, new in zip(values, raw, strict=True)]

    def _strongest(self) -> tuple[str, float]:
        """The strongest state, and by how much it is stronger than the one that holds."""
        most = max(self.values)
        unsure = 1 - most
        if self.state in self.labels:
            holding = self.values[self.labels.index(self.state)]
        else:
            holding = unsure
        if unsure > most:
            return UNSURE, unsure - holding
        return self.labels[self.values.index(most)], most - holding


def _smoothing_factor(differences: Collection[float]) -> float:
    """How many times longer a face is smoothed whose readings differ so much."""
    median = sorted(differences)[len(differences) // 2]
    return min(1 + (median / DOUBTFUL_DIFFERENCE) ** 4, LARGEST_SMOOTHING_FACTOR)
