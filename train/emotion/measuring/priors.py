"""Chooses how much a model is corrected for how common emotions were in training.

Probabilities are divided by the training's shares to a power (`fer_edge.priors`). With a higher
power, more faces of rare emotions are found, and slightly fewer of common ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from train.data.faces import Faces
from train.data.sources import Votes
from train.data.sources.votes import shares
from train.emotion.measuring.metrics import Answered, reliability

PRIORS_POWERS = tuple(tenth / 10 for tenth in range(11))
"""Powers of the shares: 0 corrects nothing, 1 assumes that all emotions are equally common."""
LARGEST_ACCURACY_LOSS = 0.005
"""How much of PublicTest's accuracy, 0..1, the best trade-off may lose."""


@dataclass(frozen=True)
class Trade:
    """The figures of one power: a trade-off."""

    power: float
    """Of the training's shares, 0..1."""
    accuracy: float
    """0..1."""
    macro_recall: float
    """The mean of the emotions' recalls, 0..1."""
    calibration_error: float
    """As `Reliability.error`, 0..1."""


def learned_shares(faces: Faces, votes: Votes | None, truth: str) -> dict[str, float]:
    """By label, its share of what a network learns from Training.

    Args:
        faces: all splits.
        votes: FER+'s, or none.
        truth: what the network predicts: the dataset's label ("fer2013") or FER+ ("ferplus"). Each
            vote of FER+ counts.

    Returns:
        Shares above 0 that add up to 1; none where an emotion does not occur.
    """
    learned = faces.only("Training")
    if truth == "ferplus" and votes is not None:
        counted = shares(votes.of(learned), learned.labels).sum(axis=0)
    else:
        counted = np.bincount(learned.label, minlength=len(learned.labels))
    if counted.min() <= 0:
        return {}
    exact = counted / counted.sum()
    return {label: round(float(one), 6) for label, one in zip(faces.labels, exact, strict=True)}


def trades(
    probabilities: npt.NDArray[np.floating],
    right: npt.NDArray[np.int64],
    learned: npt.NDArray[np.floating],
) -> list[Trade]:
    """The figures of each of PRIORS_POWERS.

    Args:
        probabilities: (faces, classes), corrected for nothing.
        right: (faces,), class numbers.
        learned: (classes,), the training's shares.
    """
    return [
        trade(power, corrected(probabilities, learned, power), right)
        for power in (PRIORS_POWERS if len(learned) else PRIORS_POWERS[:1])
    ]


def corrected(
    probabilities: npt.NDArray[np.floating], learned: npt.NDArray[np.floating], power: float
) -> npt.NDArray[np.float64]:
    """Probabilities, (faces, classes), divided by a power of shares; rows add up to 1 again."""
    weighted = np.asarray(probabilities, np.float64)
    if power:
        weighted = weighted * np.asarray(learned, np.float64) ** -power
    return np.asarray(weighted / weighted.sum(axis=1, keepdims=True))


def trade(
    power: float, probabilities: npt.NDArray[np.float64], right: npt.NDArray[np.int64]
) -> Trade:
    """The figures of corrected probabilities, (faces, classes)."""
    said = probabilities.argmax(axis=1)
    recalls = [float((said[right == one] == one).mean()) for one in np.unique(right)]
    labels = tuple(map(str, range(probabilities.shape[1])))
    images = np.empty((len(right), 0, 0, 0), np.uint8)
    error = reliability(Answered("", labels, images, right, probabilities)).error
    return Trade(power, float((said == right).mean()), float(np.mean(recalls)), error)


def best(every: list[Trade]) -> Trade:
    """The highest macro recall that loses at most LARGEST_ACCURACY_LOSS of the uncorrected
    accuracy."""
    least = every[0].accuracy - LARGEST_ACCURACY_LOSS
    affordable = [one for one in every if one.accuracy >= least]
    return max(affordable, key=lambda one: one.macro_recall)
