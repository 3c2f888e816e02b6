"""Averages the weights of several networks with a common start.

Wortsman et al., "Model soups: averaging weights of multiple fine-tuned models improves accuracy
without increasing inference time", 2022 (arXiv:2203.05482). It is useful only if one network was
trained on from the other, or both from a third. The mean of unrelated networks is useless.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import keras

from fer_edge.models.card import ModelCard
from train.emotion.heads import leave_heads
from train.emotion.run import EmotionRun
from train.emotion.selection import folds_version
from train.emotion.settings import HEADS, MIXED, Settings
from train.errors import RunError
from train.networks import find_network
from train.run.averaged import check_free, check_several, said_of
from train.run.begin import held
from train.run.command import command
from train.run.files import write_json
from train.run.network_file import load_network, save_network
from train.weights.mean import mean_network


def average(runs: Sequence[EmotionRun], out: EmotionRun, *, replace: bool = False) -> None:
    """Leave a run whose network has the mean of the weights; the rest is copied from the first run.

    Its probabilities are not calibrated, as after `fit`.

    Args:
        runs: two or more finished ones, of the same network, that learned from the same faces; one
            that stands twice counts twice.
        out: a folder that holds no run yet.
        replace: whether `out` may hold an earlier mean, which is then replaced.

    Raises:
        RunError: fewer than two runs. One is not finished, has a damaged file, or is a mix of
            heads. One has another network, another head, other labels or other training faces than
            the first. `out` holds a run, or another process writes to it.
    """
    check_several(runs)
    first, settings = runs[0], runs[0].read_settings()
    _check_alike(runs)
    network = _mean(runs)
    facts, history = first.read_facts(), first.read_history()
    averaged = [said_of(run, "data") for run in runs]
    card = _uncalibrated(first.read_card(), averaged)
    with held(out):
        check_free(out, replace, runs)
        _empty(out)
        # The dataset's path is left out, so that nobody resumes the run: that would overwrite the
        # mean.
        files = {"data": None}
        made = {**facts, "files": files, "averaged": averaged, "command": command()}
        write_json(out.card_file, card.to_json())
        write_json(out.history_file, history)
        write_json(out.run_file, made)
        if settings.network.two_heads and not settings.network.head:
            leave_heads(out, network, settings)
        # Written last: it shows the next call that this one was complete.
        save_network(network, out.model_file)


def _uncalibrated(card: ModelCard, averaged: list[dict[str, Any]]) -> ModelCard:
    origin = {**card.origin, "averaged": averaged}
    origin.pop("calibration", None)
    return dataclasses.replace(card, temperature=1.0, priors_power=0.0, origin=origin)


def _check_alike(runs: Sequence[EmotionRun]) -> None:
    """Whether all learned the same from the same faces; the networks are compared elsewhere."""
    first = runs[0]
    card, facts, wanted = first.read_card(), first.read_facts(), first.read_settings()
    for run in runs:
        run.check_one_network()
        settings = run.read_settings()
        if settings.network.head in MIXED:
            raise RunError(
                f"{run.folder} answers with a mean of two heads: average the runs of both heads, "
                "then mix"
            )
        if settings.network.head != wanted.network.head:
            raise RunError(f"{run.folder} has another head than {first.folder}")
        if run.read_card().labels != card.labels:
            raise RunError(f"{run.folder} has other labels than {first.folder}")
        _check_faces(run, settings, first, wanted)
        if folds_version(run) != folds_version(first):
            raise RunError(f"{run.folder} has folds of another version than {first.folder}")
        if run.read_facts().get("data") != facts.get("data"):
            raise RunError(f"{run.folder} has learned from other data than {first.folder}")


def _check_faces(run: EmotionRun, settings: Settings, first: EmotionRun, wanted: Settings) -> None:
    """A mean of runs that hold out different parts would have learned from all of them."""
    pairs = dataclasses.asdict(settings.data).items(), dataclasses.asdict(wanted.data).values()
    for (name, value), expected in zip(*pairs, strict=True):
        if value != expected:
            raise RunError(
                f"{run.folder} has learned from other faces than {first.folder}: data.{name} is "
                f"{value}, expected {expected}"
            )


def _empty(out: EmotionRun) -> None:
    """Remove what an earlier mean's network left: none of it is true of another one."""
    for run in (out, *map(out.head, (*HEADS, *MIXED))):
        for file in (run.model_file, run.faces_file, run.evaluation_file, run.int8_file):
            file.unlink(missing_ok=True)


def _mean(runs: Sequence[EmotionRun]) -> keras.Model:
    kinds = [find_network(run.read_settings().network.name) for run in runs]
    for run, kind in zip(runs, kinds, strict=True):
        if kind is not kinds[0]:
            raise RunError(f"{run.folder} has another network than {runs[0].folder}")
    networks = [load_network(run.model_file) for run in runs]
    return mean_network(networks, [run.folder for run in runs])
