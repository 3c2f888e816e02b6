"""Mixes two heads: the two output layers of a network, folded into one.

People often call a face neutral where its label names a slight emotion. A weighted mean of both
heads' log-probabilities agrees nearly as often with people, and more often with the labels. It
costs nothing at runtime, because the softmax removes each head's normalisation. So one output layer
gives the mean. It has the mean of both kernels and of both biases, each divided by its temperature.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
import numpy.typing as npt

from fer_edge.models.card import InputSpec
from train.data.faces import Faces
from train.data.sources import Votes
from train.emotion.heads import last_layers
from train.emotion.measuring.calibration import (
    Fitted,
    fit,
    likeliest_temperature,
    with_least_error,
)
from train.emotion.measuring.inference import logits_of
from train.emotion.measuring.priors import LARGEST_ACCURACY_LOSS, learned_shares
from train.emotion.run import EmotionRun
from train.emotion.selection import selection_of
from train.emotion.settings import HEADS, MIXED
from train.emotion.truths import TRUTH_OF_HEAD, truth_of
from train.errors import DatasetError, RunError
from train.run.command import command
from train.run.files import write_json
from train.run.lock import locked
from train.run.network_file import load_network, save_network

log = logging.getLogger(__name__)

SHARES = {
    "ferplus": tuple(twentieth / 20 for twentieth in range(11)),
    "fer2013": tuple(twentieth / 20 for twentieth in range(20, 9, -1)),
}
"""Shares of the labels' head in the mean, by the truth: from one head alone to half of each."""

LARGEST_CALIBRATION_ERROR = 0.03
"""On PublicTest, 0..1. A mix with a larger error is chosen only if every good one has."""

Logits = npt.NDArray[np.float64]


RULES = {
    "recall": lambda mix: mix.fitted.trade.macro_recall,
    "accuracy": lambda mix: mix.fitted.trade.accuracy,
}
"""The figure that is to be highest; see `best_mix`."""


@dataclass(frozen=True)
class Mix:
    """A share of the labels' head, with its fitted numbers."""

    share: float
    """Of the labels' head, 0..1."""
    fitted: Fitted
    """Temperature and power of the priors, with their figures."""


def mix(
    run: EmotionRun,
    faces: Faces,
    votes: Votes | None,
    truth: str = "ferplus",
    rule: str = "recall",
) -> EmotionRun:
    """Leave a run of one head that answers with the best mean of both; see `best_mix`.

    Args:
        run: a finished one with two heads.
        faces: all splits of its dataset.
        votes: FER+'s.
        truth: what it should predict: FER+'s majority ("ferplus") or the label ("fer2013").
        rule: one of RULES, the figure that is to be highest.

    Returns:
        The new run, a folder beside those of the heads.

    Raises:
        RunError: the run is not finished, has not two heads that end in a dense layer each, or has
            a damaged file. Or its folder cannot be written.
        DatasetError: no PublicTest, faces of other classes, no votes, or votes of other faces.
    """
    settings = run.read_settings()
    if not settings.network.two_heads or settings.network.head:
        raise RunError(f"{run.folder} has not two heads, so nothing can be mixed")
    if votes is None:
        raise DatasetError("one of the two heads learned FER+'s votes: add --votes")
    # If these are damaged, nothing is written.
    made, history, card = run.read_facts(), run.read_history(), run.read_card()
    network = load_network(run.model_file)
    selected = selection_of(run, faces)
    public = selected.only("PublicTest")
    rights = [truth_of(public, votes, TRUTH_OF_HEAD[head]) for head in HEADS]
    logits = _logits(network, public.images, card.input)
    temperatures = [
        likeliest_temperature(said[right >= 0], right[right >= 0])
        for said, right in zip(logits, rights, strict=True)
    ]
    learned = [learned_shares(selected, votes, TRUTH_OF_HEAD[head]) for head in HEADS]
    told = [said / warmth for said, warmth in zip(logits, temperatures, strict=True)]
    asked = list(SHARES).index(truth)
    known = rights[asked] >= 0
    told, right = [one[known] for one in told], rights[asked][known]
    every = mixes(told, right, learned, SHARES[truth])
    chosen = _calibrated(best_mix(every, rule), told, right, learned)
    folded = fold(network, chosen.share, temperatures)
    part = run.head(MIXED[asked])
    own = settings.changed(network={"head": MIXED[asked]}).to_json()
    origin = {
        "on": "PublicTest",
        "share_of_labels": chosen.share,
        "truth": truth,
        "rule": rule,
        "one_head_alone": every[0].fitted.figures(),
        "mixed": chosen.fitted.figures(),
        "command": command(),
    }
    card = dataclasses.replace(
        card,
        temperature=chosen.fitted.temperature,
        priors=mean_shares(learned, chosen.share),
        priors_power=chosen.fitted.trade.power,
        origin={**card.origin, "settings": own, "mix": origin},
    )
    with locked(run.folder):
        _empty(part)
        write_json(part.run_file, {**made, "settings": own})
        write_json(part.history_file, history)
        write_json(part.card_file, card.to_json())
        # Written last: a mix without it is not complete.
        save_network(folded, part.model_file)
    print(
        f"share of the labels' head {chosen.share:g}, power of the priors "
        f"{chosen.fitted.trade.power:g}, temperature {chosen.fitted.temperature:.3f}"
    )
    return part


def _empty(part: EmotionRun) -> None:
    """Make a mix's folder; an earlier mix there is told of, and no longer counts as finished."""
    try:
        part.folder.mkdir(exist_ok=True)
    except OSError as error:
        raise RunError(f"{part.folder} cannot be made: {error.strerror or error}") from error
    if part.model_file.exists():
        log.info("%s: the mix that was there is replaced", part.folder)
        part.model_file.unlink()
    part.forget_int8()


def mixes(
    told: list[Logits],
    right: npt.NDArray[np.int64],
    learned: list[dict[str, float]],
    shares: Sequence[float],
) -> list[Mix]:
    """Each share with each power of the priors.

    Args:
        told: of both heads, (faces, classes), logits divided by their temperatures.
        right: (faces,), class numbers.
        learned: of both heads, each label's share of what was learned.
        shares: of the labels' head.
    """
    found = []
    for share in shares:
        both = mean_of(told, share)
        every, _ = fit(both, right, mean_shares(learned, share))
        found += [Mix(share, one) for one in every]
    return found


def best_mix(every: list[Mix], rule: str = "recall") -> Mix:
    """The mix with the highest macro recall, or with the highest accuracy, by `rule`.

    Its accuracy is at most LARGEST_ACCURACY_LOSS below the best. Its calibration error is at most
    LARGEST_CALIBRATION_ERROR, if any such mix allows that.
    """
    least = max(one.fitted.trade.accuracy for one in every) - LARGEST_ACCURACY_LOSS
    affordable = [one for one in every if one.fitted.trade.accuracy >= least]
    calibrated = [
        one for one in affordable if one.fitted.trade.calibration_error <= LARGEST_CALIBRATION_ERROR
    ]
    return max(calibrated or affordable, key=RULES[rule])


def _calibrated(
    chosen: Mix, told: list[Logits], right: npt.NDArray[np.int64], learned: list[dict[str, float]]
) -> Mix:
    """The same mix; with the temperature of the least calibration error if its error is large."""
    if chosen.fitted.trade.calibration_error <= LARGEST_CALIBRATION_ERROR:
        return chosen
    shares = mean_shares(learned, chosen.share)
    fitted = with_least_error(mean_of(told, chosen.share), right, shares, chosen.fitted)
    return Mix(chosen.share, fitted)


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


def _logits(network: keras.Model, images: npt.NDArray[np.uint8], spec: InputSpec) -> list[Logits]:
    """The logits of both heads, from features that are computed once."""
    layers = last_layers(network)
    features = logits_of(keras.Model(network.input, layers[0].input), images, spec)
    pairs = [[np.asarray(part, np.float64) for part in one.get_weights()] for one in layers]
    return [features @ kernel + biases for kernel, biases in pairs]


def fold(network: keras.Model, share: float, temperatures: list[float]) -> keras.Model:
    """One network whose logits are the weighted mean of both heads' logits.

    Raises:
        RunError: a head is no dense layer, or they take different features.
    """
    layers = last_layers(network)
    weights = [
        [np.asarray(part, np.float64) / warmth for part in layer.get_weights()]
        for layer, warmth in zip(layers, temperatures, strict=True)
    ]
    last = type(layers[0]).from_config({**layers[0].get_config(), "name": layers[0].name})
    folded = keras.Model(network.input, last(layers[0].input), name=network.name)
    kernel, biases = (mean_of(list(pair), share) for pair in zip(*weights, strict=True))
    last.set_weights([kernel.astype(np.float32), biases.astype(np.float32)])
    return folded
