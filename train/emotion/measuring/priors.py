"""How much a model should be corrected for how common emotions were in training.

Probabilities are divided by the training's shares to a power (`fer_edge.priors`). A higher power
finds more of what is rare, and tells rightly a little less of what is common.
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
"""Of the shares: 0 corrects nothing, 1 takes all emotions to be equally common."""
LARGEST_ACCURACY_LOSS = 0.005
"""Of PublicTest's accuracy, 0..1: what the best trade may cost."""


@dataclass(frozen=True)
class Trade:
    """What one power is worth."""

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
        truth: what the network tells: the dataset's label ("fer2013") or what people say
            ("ferplus"), who are counted as they voted.

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
    """What each of PRIORS_POWERS is worth.

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
    """What corrected probabilities, (faces, classes), are worth."""
    said = probabilities.argmax(axis=1)
    recalls = [float((said[right == one] == one).mean()) for one in np.unique(right)]
    labels = tuple(map(str, range(probabilities.shape[1])))
    images = np.empty((len(right), 0, 0, 0), np.uint8)
    error = reliability(Answered("", labels, images, right, probabilities)).error
    return Trade(power, float((said == right).mean()), float(np.mean(recalls)), error)


def best(every: list[Trade]) -> Trade:
    """The highest macro recall for at most LARGEST_ACCURACY_LOSS of the accuracy that nothing costs."""
    least = every[0].accuracy - LARGEST_ACCURACY_LOSS
    affordable = [one for one in every if one.accuracy >= least]
    return max(affordable, key=lambda one: one.macro_recall)
