"""Chooses how much of each head a mix has, on PublicTest; see `train.emotion.mix`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from train.emotion.measuring.calibration import Fitted, fit_calibration, learned_terms
from train.emotion.measuring.matrix_scaling import scaled
from train.emotion.measuring.priors import LARGEST_ACCURACY_LOSS, figures_of

SHARES = {
    "ferplus": tuple(twentieth / 20 for twentieth in range(11)),
    "labels": tuple(twentieth / 20 for twentieth in range(20, 9, -1)),
}
"""Shares of the labels' head in the mean, by the truth: from one head alone to half of each."""

LARGEST_CALIBRATION_ERROR = 0.03
"""On PublicTest, 0..1. A mix with a larger error is chosen only if every good one has."""

Logits = npt.NDArray[np.float64]


RULES = {
    "recall": lambda mix: mix.fitted.measured.macro_recall,
    "accuracy": lambda mix: mix.fitted.measured.accuracy,
}
"""The figure that is to be highest; see `best_mix`."""


@dataclass(frozen=True)
class Mix:
    """A share of the labels' head, with its fitted numbers."""

    share: float
    """Of the labels' head, 0..1."""
    fitted: Fitted
    """Temperature and power of the priors, with their figures. With a matrix these are
    cross-validated, and the temperature is 1."""
    matrix: Logits | None = None
    """(2 classes, classes): both heads' logits beside one another, times it, are the mix's. None:
    their mean."""
    strength: float | None = None
    """Of the L2 that held the matrix near the mean."""

    def matrix_for(self, classes: int) -> Logits:
        """Its matrix, or that of the mean."""
        return mean_matrix(self.share, classes) if self.matrix is None else self.matrix


def mixes(
    logits: list[Logits],
    right: npt.NDArray[np.int64],
    learned: list[dict[str, float]],
    shares: Sequence[float],
) -> list[Mix]:
    """Each share with each power of the priors.

    Args:
        logits: of both heads, (faces, classes), logits divided by their temperatures.
        right: (faces,), class numbers.
        learned: of both heads, each label's share of what was learned.
        shares: of the labels' head.
    """
    found = []
    for share in shares:
        both = mean_of(logits, share)
        every, _ = fit_calibration(both, right, mean_shares(learned, share))
        found += [Mix(share, one) for one in every]
    return found


def best_mix(every: list[Mix], rule: str = "recall") -> Mix:
    """The mix with the highest macro recall, or with the highest accuracy, by `rule`.

    Its accuracy is at most LARGEST_ACCURACY_LOSS below the best. Its calibration error is at most
    LARGEST_CALIBRATION_ERROR, if any such mix allows that.
    """
    least = max(one.fitted.measured.accuracy for one in every) - LARGEST_ACCURACY_LOSS
    affordable = [one for one in every if one.fitted.measured.accuracy >= least]
    calibrated = [
        one
        for one in affordable
        if one.fitted.measured.calibration_error <= LARGEST_CALIBRATION_ERROR
    ]
    return max(calibrated or affordable, key=RULES[rule])


def with_matrix(
    chosen: Mix,
    logits: list[Logits],
    right: npt.NDArray[np.int64],
    learned: list[dict[str, float]],
    rule: str = "recall",
) -> Mix:
    """The same mix, or, if its calibration error is large, one by a matrix that begins at it.

    An overfitted network gives some faces too high probabilities and others too low ones. No
    temperature corrects both. The matrix must have a smaller error. It may lose at most
    LARGEST_ACCURACY_LOSS of the accuracy, and of the figure that `rule` wants highest.
    """
    if chosen.fitted.measured.calibration_error <= LARGEST_CALIBRATION_ERROR:
        return chosen
    power = chosen.fitted.measured.power
    terms = learned_terms(mean_shares(learned, chosen.share), power)
    # Logits of a face have no common zero: only their differences count.
    classes = logits[0].shape[1]
    differences = np.kron(np.eye(2), np.eye(classes) - 1 / classes)
    start = mean_matrix(chosen.share, classes) / chosen.fitted.temperature
    scaling = scaled(np.concatenate(logits, axis=1) @ differences, right, start, terms)
    if scaling is None:
        return chosen
    fitted = Fitted(1.0, figures_of(power, scaling.probabilities, right))
    scaled_mix = Mix(chosen.share, fitted, differences @ scaling.matrix, scaling.strength)
    return scaled_mix if _is_worth_it(scaled_mix, chosen, rule) else chosen


def _is_worth_it(scaled_mix: Mix, mean: Mix, rule: str) -> bool:
    """Whether a matrix's mix is better calibrated than the mean, and hardly worse otherwise."""
    return (
        scaled_mix.fitted.measured.calibration_error < mean.fitted.measured.calibration_error
        and all(
            RULES[one](scaled_mix) >= RULES[one](mean) - LARGEST_ACCURACY_LOSS
            for one in ("accuracy", rule)
        )
    )


def mean_matrix(share: float, classes: int) -> Logits:
    """The matrix that gives the mean of both heads; see `Mix.matrix`."""
    return np.concatenate([(1 - share) * np.eye(classes), share * np.eye(classes)])


def mean_of(pair: list[Logits], share: float) -> Logits:
    """(1 - share) of the first and `share` of the second."""
    return np.asarray((1 - share) * pair[0] + share * pair[1])


def mean_shares(learned: list[dict[str, float]], share: float) -> dict[str, float]:
    """The shares that go with a mean of log-probabilities: their geometric mean, adding up to 1."""
    if not all(learned):
        return {}
    logs = [np.log(np.array([*one.values()])) for one in learned]
    powers = np.exp(mean_of(logs, share))
    exact = powers / powers.sum()
    return {name: round(float(one), 6) for name, one in zip(learned[0], exact, strict=True)}
