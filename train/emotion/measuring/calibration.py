"""Calibrates a finished network's probabilities on PublicTest.

Two numbers are fitted: a temperature, and a power of the training's shares. With a higher power,
rare emotions are found more often.

Guo et al., "On Calibration of Modern Neural Networks", 2017 (arXiv:1706.04599), section 4.2. A bias
for each emotion beside it (vector scaling) was tried, fitted on one half of PublicTest and measured
on the other. It gained 0.7 points of FER+'s majority, but lost recall of rare emotions. These are
not rare everywhere: the accuracy on CK+ fell from 64.5 % to 62.7 %.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from fer_edge.models.card import ModelCard
from fer_edge.priors import power_terms
from train.data.faces import Faces
from train.data.sources import Votes
from train.emotion.measuring.inference import logits_of, outputs_of, probabilities_of
from train.emotion.measuring.priors import (
    PRIORS_POWERS,
    Pair,
    PowerFigures,
    best,
    figures_of,
    has_class_weights,
    learned_shares,
)
from train.emotion.measuring.steadiness import told_and_moved
from train.emotion.run import EmotionRun
from train.emotion.selection import selection_of
from train.emotion.truths import truth_of, truths_asked
from train.run.command import command
from train.run.files import write_json
from train.run.lock import locked
from train.run.network_file import load_network


def calibrate(
    run: EmotionRun,
    faces: Faces,
    votes: Votes | None,
    truth: str | None,
    power: float | None = None,
) -> None:
    """Fit on PublicTest, and write into the run's card: temperature, the training's shares, power.

    Probabilities are divided by the shares to this power. It is the one that `priors.best` chooses,
    each with the temperature that suits it.

    Args:
        run: a finished one.
        faces: all splits of its dataset.
        votes: FER+'s, or none.
        truth: what to fit to, the dataset's label ("labels") or FER+'s majority ("ferplus"). None:
            what a head was made for; without heads "ferplus" if there are votes.
        power: of the correction, 0..1; None: the best.

    Raises:
        RunError: the run is not finished, or has two heads.
        DatasetError: no PublicTest, faces of other classes, votes of other faces, or none where
            they are the truth.
    """
    run.check_one_head()
    card, network = run.read_card(), load_network(run.model_file)
    selected = selection_of(run, faces)
    public = selected.only("PublicTest")
    (truth,) = truths_asked(run.read_settings(), votes, truth)
    right = truth_of(public, votes, truth)
    logits = logits_of(network, public.images[right >= 0], card.input)
    learned = learned_shares(selected, votes, truth, has_class_weights(card))
    moved = told_and_moved(partial(outputs_of, network), public.images, card.input)
    every, chosen = fit_calibration(
        np.asarray(logits, np.float64), right[right >= 0], learned, power, moved
    )
    facts = {"on": "PublicTest", "truth": truth, "command": command()}
    card = card_with(card, learned, every[0], chosen, facts)
    with locked(run.folder):
        write_json(run.card_file, card.to_json())
        run.forget_int8()
    print(f"temperature {chosen.temperature:.3f}, power of the priors {chosen.measured.power:g}")


@dataclass(frozen=True)
class Fitted:
    """One power, with its temperature."""

    temperature: float
    """The logits' divisor."""
    measured: PowerFigures
    """The figures of the power with this temperature."""

    def figures(self) -> dict[str, float]:
        """For a card."""
        figures = {"temperature": self.temperature, **dataclasses.asdict(self.measured)}
        return {name: round(value, 4) for name, value in figures.items() if value is not None}


def card_with(
    card: ModelCard,
    learned: Mapping[str, float],
    as_trained: Fitted,
    chosen: Fitted,
    facts: Mapping[str, str],
) -> ModelCard:
    """A card with the fitted numbers; `facts` say on which faces and to which truth."""
    figures = {"as_trained": as_trained.figures(), "corrected": chosen.figures()}
    return dataclasses.replace(
        card,
        temperature=chosen.temperature,
        priors=learned,
        priors_power=chosen.measured.power,
        origin={**card.origin, "calibration": {**facts, **figures}},
    )


def fit_calibration(
    logits: npt.NDArray[np.float64],
    right: npt.NDArray[np.int64],
    learned: Mapping[str, float],
    power: float | None = None,
    moved: Pair | None = None,
) -> tuple[list[Fitted], Fitted]:
    """Every power with its temperature, and the best of them.

    Args:
        logits: (faces, classes).
        right: (faces,), class numbers.
        learned: the training's shares in the order of the classes, or nothing.
        power: the one that is asked for, in place of the best; None: the best.
        moved: logits of all faces, those without a right answer, too. None: how many answers change
            is not measured.
    """

    def fitted(power: float) -> Fitted:
        terms = learned_terms(learned, power)
        temperature = likeliest_temperature(logits, right, terms)
        told = probabilities_of(logits, temperature, terms)
        pair = moved and (
            probabilities_of(moved[0], temperature, terms),
            probabilities_of(moved[1], temperature, terms),
        )
        return Fitted(temperature, figures_of(power, told, right, pair))

    every = [fitted(one) for one in (PRIORS_POWERS if learned else PRIORS_POWERS[:1])]
    if power is not None:
        return every, fitted(power)
    chosen = best([one.measured for one in every])
    return every, next(one for one in every if one.measured == chosen)


def learned_terms(learned: Mapping[str, float], power: float) -> npt.NDArray[np.float64]:
    """What a power of the training's shares adds to the logits, (classes,) or (1,)."""
    return power_terms([*learned.values()], power) if power else np.zeros(1)


def likeliest_temperature(
    logits: npt.NDArray[np.float64], right: npt.NDArray[np.int64], terms: npt.ArrayLike = 0.0
) -> float:
    """The divisor of logits that makes the right answers likeliest, 0.05..20.

    Args:
        logits: (faces, classes).
        right: (faces,), class numbers.
        terms: (classes,), added to the logits after the division.
    """

    def loss(slope: float) -> float:
        """The cross entropy, convex in the temperature's inverse."""
        told = log_softmax(slope * logits + np.asarray(terms), axis=1)
        return -float(np.take_along_axis(told, right[:, None], axis=1).mean())

    found = minimize_scalar(loss, bounds=(1 / 20, 20), method="bounded", options={"xatol": 1e-6})
    return round(float(1 / found.x), 4)
