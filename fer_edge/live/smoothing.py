"""Labels that do not flicker: probabilities smoothed over time, and steady states."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from fer_edge.emotion import Emotion
from fer_edge.errors import ArgumentError
from fer_edge.live.live_face import UNSURE

ROUNDING = 1e-6
"""Times and probabilities this near to a bound have reached it."""


@dataclass(frozen=True, slots=True)
class Smoothing:
    """How probabilities are smoothed over time, and when a steady label changes."""

    time_constant: float = 0.10
    """Seconds in which a smoothed probability goes 63 % of the way to what is read; 0 or more."""
    hysteresis: float = 0.20
    """By how much another state must be likelier than the steady one to take over, 0..1."""
    confirm: float = 0.10
    """Seconds for which it must stay so; 0 or more."""
    min_duration: float = 0.4
    """Seconds that every state lasts at least; 0 or more."""

    def __post_init__(self) -> None:
        """Check the ranges.

        Raises:
            ArgumentError: a field is not a number, or out of its range.
        """
        for name in ("time_constant", "hysteresis", "confirm", "min_duration"):
            value = getattr(self, name)
            most = 1.0 if name == "hysteresis" else math.inf
            good = isinstance(value, int | float) and not isinstance(value, bool)
            if not good or not 0 <= value <= most or math.isinf(value):
                limit = "0 to 1" if name == "hysteresis" else "0 or more, in seconds"
                raise ArgumentError(f"{name} must be {limit}, got {value!r}")


class SteadyLabel:
    """The label of one face: its probabilities smoothed over time, and the state that holds.

    The likeliest label is as strong as its smoothed probability, "unsure" as what is left: so
    "unsure" is strongest where no emotion is likelier than all others together. Another state
    takes over when it is stronger by the hysteresis, stays so until it is confirmed, and the
    state before has had its minimum. A face starts "unsure".
    """

    __slots__ = (
        "_at",
        "_rival",
        "_rival_since",
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
        self._rival_since = at

    def read(self, probabilities: Mapping[str, float], at: float) -> str | None:
        """Take in what was read.

        Args:
            probabilities: of each label; they add up to 1.
            at: seconds, never less than before.

        Returns:
            The state before, if another one begins now.
        """
        self._smooth(probabilities, at)
        rival, lead = self._strongest()
        if rival == self.state or lead < self._smoothing.hysteresis - ROUNDING:
            self._rival = self.state
            return None
        if rival != self._rival:
            self._rival, self._rival_since = rival, at
        confirmed = at - self._rival_since >= self._smoothing.confirm - ROUNDING
        if not confirmed or at - self.since < self._smoothing.min_duration:
            return None
        before, self.state, self.since = self.state, rival, at
        return before

    @property
    def emotion(self) -> Emotion:
        """Smoothed; only after the first reading."""
        most = max(self.values)
        probabilities = dict(zip(self.labels, self.values, strict=True))
        return Emotion(self.labels[self.values.index(most)], most, probabilities)

    def _smooth(self, probabilities: Mapping[str, float], at: float) -> None:
        labels = tuple(probabilities)
        if labels != self.labels:
            self.labels, self.values = labels, list(probabilities.values())
        else:
            constant = self._smoothing.time_constant
            weight = 1 - math.exp(-(at - self._at) / constant) if constant else 1.0
            self.values = [
                old + weight * (new - old)
                for old, new in zip(self.values, probabilities.values(), strict=True)
            ]
        self._at = at

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
