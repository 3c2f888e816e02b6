"""Corrects a model for how common each emotion is in the user's scene.

A model that learned from few frightened faces seldom predicts fear. If the shares of the emotions
are different where it is used, its probabilities are corrected by Bayes' rule. They are multiplied
by the share that each emotion has there, and divided by its share in training. Then they are scaled
to add up to 1 again. Saerens, Latinne and Decaestecker, "Adjusting the outputs of a classifier to
new a priori probabilities", 2002, equation 2.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from fer_edge.errors import ArgumentError, ModelError
from fer_edge.models.card import ModelCard
from fer_edge.number import finite_number
from fer_edge.printable import brief, printable

Priors = Literal["as-trained", "even"] | float | Mapping[str, float]
"""How common the emotions are: as in training, all alike, a power between the two (0..1), or a
share for each."""


def power_terms(shares: npt.ArrayLike, power: float) -> npt.NDArray[np.float64]:
    """What is added to logits to divide the probabilities by a power of shares, (labels,).

    Args:
        shares: (labels,), how common each emotion was in training, above 0.
        power: 0 corrects nothing; 1 assumes that all emotions are equally common.
    """
    return np.asarray(-power * np.log(np.asarray(shares, np.float64)))


def prior_terms(card: ModelCard, priors: Priors | None) -> npt.NDArray[np.float32]:
    """What is added to a model's logits, once they are divided by the temperature.

    Args:
        card: of the model; it says how common each emotion was in training.
        priors: "as-trained" corrects nothing; "even" assumes that all emotions are equally common.
            A number from 0 to 1 lies between the two. It is a power: the probabilities are divided
            by the training's shares to this power. A mapping gives a share of 0 or more for each
            emotion; the shares are scaled to add up to 1. None is the card's own `priors_power`.

    Returns:
        float32, (labels,), in the order of the card's labels; minus infinity where a share is 0.

    Raises:
        ArgumentError: a wrong type, or a number out of range. Or a mapping that lacks an emotion,
            has an unknown one, or has shares that are negative or all 0.
        ModelError: the card does not say how common the emotions were, which must be known.
    """
    power = card.priors_power if priors is None else _power(priors)
    if power == 0:
        return np.zeros(len(card.labels), np.float32)
    if not card.priors:
        raise ModelError(
            "the model's card does not say how common each emotion was in training; convert the "
            "model again, or leave priors out"
        )
    learned = [card.priors[label] for label in card.labels]
    if power is not None:
        return np.asarray(power_terms(learned, power), np.float32)
    assert isinstance(priors, Mapping)
    with np.errstate(divide="ignore"):  # a share of 0
        wanted = np.log(_shares(priors, card.labels))
    return np.asarray(wanted + power_terms(learned, 1.0), np.float32)


def _power(priors: Any) -> float | None:
    """The power that is asked for; None if shares are given."""
    if isinstance(priors, Mapping):
        return None
    if isinstance(priors, str):
        if priors not in ("as-trained", "even"):
            raise _wrong(priors)
        return 1.0 if priors == "even" else 0.0
    try:
        power = finite_number("priors", priors)
    except ArgumentError as error:
        raise _wrong(priors) from error
    if not 0 <= power <= 1:
        raise _wrong(priors)
    return power


def _wrong(priors: Any) -> ArgumentError:
    return ArgumentError(
        "priors must be 'as-trained', 'even', a number from 0 to 1, or a mapping from each emotion "
        f"to its share; got {brief(priors)}"
    )


def _shares(priors: Mapping[str, float], labels: tuple[str, ...]) -> npt.NDArray[np.float64]:
    missing = [label for label in labels if label not in priors]
    others = [brief(name) for name in priors if name not in labels]
    if missing or others:
        lacks = f"lacks {printable(', '.join(missing))}" if missing else ""
        knows = f"has {', '.join(others)}, which the model does not know" if others else ""
        raise ArgumentError(
            f"priors must name a share for each of {', '.join(labels)}; this mapping "
            f"{' and '.join(filter(None, (lacks, knows)))}"
        )
    shares = [finite_number(f"the share of {label}", priors[label]) for label in labels]
    if min(shares) < 0 or not max(shares):
        raise ArgumentError(f"shares must be 0 or more, and not all 0; got {brief(dict(priors))}")
    # By the largest first: the sum of the largest numbers that a float can be is infinite.
    relative = np.array(shares) / max(shares)
    return np.asarray(relative / relative.sum())
