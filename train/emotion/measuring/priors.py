"""Chooses how much a model is corrected for how common emotions were in training.

Probabilities are divided by the training's shares to a power (`fer_edge.priors`). With a higher
power, more faces of rare emotions are found, and slightly fewer of common ones. Answers also change
more often when a crop moves a little.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.utils.class_weight import compute_sample_weight

from fer_edge.calibration_error import calibration_error
from fer_edge.models.card import ModelCard
from fer_edge.priors import power_terms
from train.data.faces import Faces
from train.data.sources import Votes
from train.data.sources.votes import shares
from train.emotion.settings import Settings
from train.errors import RunError

PRIORS_POWERS = tuple(tenth / 10 for tenth in range(11))
"""Powers of the shares: 0 corrects nothing, 1 assumes that all emotions are equally common."""
LARGEST_ACCURACY_LOSS = 0.005
"""How much of PublicTest's accuracy, 0..1, the best power may lose."""
LARGEST_CHANGED_SHARE = 0.04
"""How many answers, 0..1, may change when each crop moves a little, if any power allows that."""

Pair = tuple[npt.NDArray[np.floating], npt.NDArray[np.floating]]
"""Outputs for the same faces, (faces, classes), before and after each crop is moved a little
(`train.emotion.measuring.steadiness.told_and_moved`)."""


@dataclass(frozen=True)
class PowerFigures:
    """The figures of one power."""

    power: float
    """Of the training's shares, 0..1."""
    accuracy: float
    """0..1."""
    macro_recall: float
    """The mean of the emotions' recalls, 0..1."""
    calibration_error: float
    """As `fer_edge.calibration_error`, 0..1."""
    changed: float | None = None
    """The share of answers that change when each crop moves a little, 0..1; None: not measured."""


def learned_shares(
    faces: Faces, votes: Votes | None, truth: str, class_weights: bool = False
) -> dict[str, float]:
    """By label, its share of what a network learns from Training.

    Args:
        faces: all splits.
        votes: FER+'s, or none.
        truth: what the network predicts: the dataset's label ("labels") or FER+ ("ferplus"). Each
            vote of FER+ counts.
        class_weights: whether all classes of the labels counted alike in training.

    Returns:
        Shares above 0 that add up to 1; none where an emotion does not occur.
    """
    learned = faces.only("Training")
    weights = compute_sample_weight("balanced" if class_weights else None, learned.label)
    if truth == "ferplus" and votes is not None:
        counted = weights @ shares(votes.of(learned), learned.labels)
    else:
        counted = np.bincount(learned.label, weights, minlength=len(learned.labels))
    if counted.min() <= 0:
        return {}
    exact = counted / counted.sum()
    return {label: round(float(one), 6) for label, one in zip(faces.labels, exact, strict=True)}


def has_class_weights(card: ModelCard) -> bool:
    """Whether all classes counted alike in what the last layer learned: a refit has no weights."""
    known = card.origin.get("settings")
    if not isinstance(known, Mapping) or "last_layer" in card.origin:
        return False
    try:
        return Settings.from_json(known).targets.class_weights
    except RunError:
        # Another tool wrote them.
        return False


def figures_by_power(
    probabilities: npt.NDArray[np.floating],
    right: npt.NDArray[np.int64],
    learned: npt.NDArray[np.floating],
    moved: Pair | None = None,
) -> list[PowerFigures]:
    """The figures of each of PRIORS_POWERS.

    Args:
        probabilities: (faces, classes), corrected for nothing.
        right: (faces,), class numbers.
        learned: (classes,), the training's shares.
        moved: probabilities of all faces, those without a right answer, too. None: how many answers
            change is not measured.
    """
    found = []
    for power in PRIORS_POWERS if len(learned) else PRIORS_POWERS[:1]:
        pair = moved and (corrected(moved[0], learned, power), corrected(moved[1], learned, power))
        found.append(figures_of(power, corrected(probabilities, learned, power), right, pair))
    return found


def corrected(
    probabilities: npt.NDArray[np.floating], learned: npt.NDArray[np.floating], power: float
) -> npt.NDArray[np.float64]:
    """Probabilities, (faces, classes), divided by a power of shares; rows add up to 1 again."""
    weighted = np.asarray(probabilities, np.float64)
    if power:
        weighted = weighted * np.exp(power_terms(learned, power))
    return np.asarray(weighted / weighted.sum(axis=1, keepdims=True))


def figures_of(
    power: float,
    probabilities: npt.NDArray[np.float64],
    right: npt.NDArray[np.int64],
    moved: Pair | None = None,
) -> PowerFigures:
    """The figures of corrected probabilities, (faces, classes); those of `moved` are, too."""
    said = probabilities.argmax(axis=1)
    recalls = [float((said[right == one] == one).mean()) for one in np.unique(right)]
    error = calibration_error(probabilities, right)
    changed = None
    if moved:
        changed = float((moved[0].argmax(axis=1) != moved[1].argmax(axis=1)).mean())
    return PowerFigures(
        power, float((said == right).mean()), float(np.mean(recalls)), error, changed
    )


def best(every: list[PowerFigures]) -> PowerFigures:
    """The highest macro recall that loses at most LARGEST_ACCURACY_LOSS of the uncorrected
    accuracy. If any such one changes at most LARGEST_CHANGED_SHARE of the answers, it does so, too.
    """
    least = every[0].accuracy - LARGEST_ACCURACY_LOSS
    affordable = [one for one in every if one.accuracy >= least]
    steady = [
        one
        for one in affordable
        if one.changed is not None and one.changed <= LARGEST_CHANGED_SHARE
    ]
    return max(steady or affordable, key=lambda one: one.macro_recall)
