"""Averages the weights of several networks with a common start.

Wortsman et al., "Model soups: averaging weights of multiple fine-tuned models improves accuracy
without increasing inference time", 2022 (arXiv:2203.05482). It is useful only if one network was
trained on from the other, or both from a third. The mean of unrelated networks is useless.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

from fer_edge.models.card import ModelCard
from train.data.hashes import hash_of
from train.emotion.heads import leave_heads
from train.emotion.run import EmotionRun
from train.emotion.settings import HEADS, MIXED, Settings
from train.errors import RunError
from train.networks import find_network
from train.run.begin import held
from train.run.command import command
from train.run.files import write_json
from train.run.network_file import load_network, save_network

log = logging.getLogger(__name__)


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
    if len(runs) < 2:
        raise RunError(f"expected two runs or more to average, got {len(runs)}")
    first, settings = runs[0], runs[0].read_settings()
    _check_alike(runs)
    network = _mean([load_network(run.model_file) for run in runs], runs)
    facts, history = first.read_facts(), first.read_history()
    averaged = [_told(run) for run in runs]
    card = _uncalibrated(first.read_card(), averaged)
    with held(out):
        _check_free(out, replace, runs)
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


def _told(run: EmotionRun) -> dict[str, str | None]:
    """For the card: the run's name and command, and the hashes of its network and dataset."""
    facts = run.read_facts()
    return {
        "run": run.folder.name,
        "sha256": hash_of(run.model_file),
        "data": facts.get("data"),
        "command": facts.get("command"),
    }


def _uncalibrated(card: ModelCard, averaged: list[dict[str, str | None]]) -> ModelCard:
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
        if wanted.data.hold_out and run.read_facts().get("data") != facts.get("data"):
            raise RunError(f"{run.folder} holds out a part of other data than {first.folder}")


def _check_faces(run: EmotionRun, settings: Settings, first: EmotionRun, wanted: Settings) -> None:
    """A mean of runs that hold out different parts would have learned from all of them."""
    pairs = dataclasses.asdict(settings.data).items(), dataclasses.asdict(wanted.data).values()
    for (name, value), expected in zip(*pairs, strict=True):
        if value != expected:
            raise RunError(
                f"{run.folder} has learned from other faces than {first.folder}: data.{name} is "
                f"{value}, expected {expected}"
            )


def _check_free(out: EmotionRun, replace: bool, runs: Sequence[EmotionRun]) -> None:
    """Whether the folder holds no run, or a mean that may be replaced."""
    if any(out.folder.resolve() in (one, *one.parents) for one in map(_whole_path, runs)):
        raise RunError(f"{out.folder} holds a run that is averaged; name another folder")
    if not out.run_file.exists() and not out.has_results:
        return
    is_mean = out.run_file.exists() and "averaged" in out.read_facts() and not out.checkpoints()
    if is_mean and not out.model_file.exists():
        return  # An earlier call was stopped before it was complete.
    if not is_mean:
        raise RunError(f"{out.folder} holds a run; name another folder")
    if not replace:
        raise RunError(
            f"{out.folder} holds a run, an earlier mean: name another folder, or replace it with "
            "--replace"
        )
    log.info("%s: the mean that was there is replaced", out.folder)


def _whole_path(run: EmotionRun) -> Path:
    return run.folder.resolve()


def _empty(out: EmotionRun) -> None:
    """Remove what an earlier mean's network left: none of it is true of another one."""
    for run in (out, *map(out.head, (*HEADS, *MIXED))):
        for file in (run.model_file, run.faces_file, run.evaluation_file, run.int8_file):
            file.unlink(missing_ok=True)


def _mean(networks: list[keras.Model], runs: Sequence[EmotionRun]) -> keras.Model:
    weights = [network.get_weights() for network in networks]
    shapes = [[part.shape for part in one] for one in weights]
    kinds = [find_network(run.read_settings().network.name) for run in runs]
    for run, kind, shape in zip(runs, kinds, shapes, strict=True):
        if kind is not kinds[0] or shape != shapes[0]:
            raise RunError(f"{run.folder} has another network than {runs[0].folder}")
    networks[0].set_weights(
        [np.mean(parts, axis=0, dtype=np.float64) for parts in zip(*weights, strict=True)]
    )
    return networks[0]
