"""Mixes two heads: the two output layers of a network, folded into one.

People often call a face neutral where its label names a slight emotion. A weighted mean of both
heads' log-probabilities agrees nearly as often with people, and more often with the labels. It
costs nothing at runtime, because the softmax removes each head's normalisation. So one output layer
gives the mean. It has the mean of both kernels and of both biases, each divided by its temperature.

Where no temperature calibrates the mean, a fitted matrix takes its place, if it costs next to
nothing. It is folded in likewise; see `train.emotion.measuring.matrix_scaling`.
"""

from __future__ import annotations

import dataclasses
import logging
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from fer_edge.models.card import InputSpec
from train.data.faces import Faces
from train.data.sources import Votes
from train.emotion.heads import last_layers
from train.emotion.measuring.calibration import likeliest_temperature
from train.emotion.measuring.inference import logits_of
from train.emotion.measuring.priors import has_class_weights, learned_shares
from train.emotion.mix_choice import (
    SHARES,
    Logits,
    Mix,
    best_mix,
    mean_shares,
    mixes,
    with_matrix,
)
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
        truth: what it should predict: FER+'s majority ("ferplus") or the label ("labels").
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
    heads = _heads_of(network, selected, votes, card.input, has_class_weights(card))
    asked = list(SHARES).index(truth)
    known = heads.right[asked] >= 0
    logits, right = [one[known] for one in heads.logits], heads.right[asked][known]
    every = mixes(logits, right, heads.learned, SHARES[truth])
    chosen = with_matrix(best_mix(every, rule), logits, right, heads.learned, rule)
    part = run.head(MIXED[asked])
    own = settings.changed(network={"head": MIXED[asked]}).to_json()
    card = dataclasses.replace(
        card,
        temperature=chosen.fitted.temperature,
        priors=mean_shares(heads.learned, chosen.share),
        priors_power=chosen.fitted.measured.power,
        origin={
            **card.origin,
            "settings": own,
            "mix": _origin(chosen, every[0], truth, rule),
        },
    )
    with locked(run.folder):
        _empty(part)
        write_json(part.run_file, {**made, "settings": own})
        write_json(part.history_file, history)
        write_json(part.card_file, card.to_json())
        # Written last: a mix without it is not complete.
        matrix = chosen.matrix_for(logits[0].shape[1])
        save_network(fold(network, matrix, heads.temperatures), part.model_file)
    print(
        f"share of the labels' head {chosen.share:g}, power of the priors "
        f"{chosen.fitted.measured.power:g}, temperature {chosen.fitted.temperature:.3f}"
        + (f", matrix with L2 of {chosen.strength:g}" if chosen.strength else "")
    )
    return part


@dataclass(frozen=True)
class _Heads:
    """What both heads say of PublicTest's faces; each list has one entry a head."""

    temperatures: list[float]
    """What each head's logits are divided by."""
    logits: list[Logits]
    """(faces, classes): the logits, divided by their temperatures."""
    right: list[npt.NDArray[np.int64]]
    """(faces,): what each head should say, a class number; -1 where nothing is right."""
    learned: list[dict[str, float]]
    """Each label's share of what the head learned."""


def _heads_of(
    network: keras.Model, faces: Faces, votes: Votes, spec: InputSpec, class_weights: bool
) -> _Heads:
    """Ask both heads of a network about PublicTest's faces."""
    public = faces.only("PublicTest")
    truths = [TRUTH_OF_HEAD[head] for head in HEADS]
    right = [truth_of(public, votes, truth) for truth in truths]
    logits = _logits(network, public.images, spec)
    temperatures = [
        likeliest_temperature(one[known >= 0], known[known >= 0])
        for one, known in zip(logits, right, strict=True)
    ]
    logits = [head / one for head, one in zip(logits, temperatures, strict=True)]
    learned = [learned_shares(faces, votes, truth, class_weights) for truth in truths]
    return _Heads(temperatures, logits, right, learned)


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


def _logits(network: keras.Model, images: npt.NDArray[np.uint8], spec: InputSpec) -> list[Logits]:
    """The logits of both heads, from features that are computed once."""
    layers = last_layers(network)
    features = logits_of(keras.Model(network.input, layers[0].input), images, spec)
    pairs = [[np.asarray(part, np.float64) for part in one.get_weights()] for one in layers]
    return [features @ kernel + biases for kernel, biases in pairs]


def fold(network: keras.Model, matrix: Logits, temperatures: list[float]) -> keras.Model:
    """One network whose logits are those of both heads beside one another, times a matrix.

    Args:
        network: with two heads.
        matrix: (2 classes, classes), of logits that are divided by their temperatures.
        temperatures: of both heads.

    Raises:
        RunError: a head is no dense layer, or they take different features.
    """
    layers = last_layers(network)
    weights = [
        [np.asarray(part, np.float64) / temperature for part in layer.get_weights()]
        for layer, temperature in zip(layers, temperatures, strict=True)
    ]
    last = type(layers[0]).from_config({**layers[0].get_config(), "name": layers[0].name})
    folded = keras.Model(network.input, last(layers[0].input), name=network.name)
    kernel, biases = (np.concatenate(pair, axis=-1) @ matrix for pair in zip(*weights, strict=True))
    last.set_weights([kernel.astype(np.float32), biases.astype(np.float32)])
    return folded


def _origin(chosen: Mix, alone: Mix, truth: str, rule: str) -> dict[str, Any]:
    """How it was mixed, for the card."""
    origin = {
        "on": "PublicTest",
        "share_of_labels": chosen.share,
        "truth": truth,
        "rule": rule,
        "one_head_alone": alone.fitted.figures(),
        "mixed": chosen.fitted.figures(),
        "command": command(),
    }
    return origin if chosen.strength is None else {**origin, "matrix_strength": chosen.strength}
