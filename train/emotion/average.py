"""Averages the weights of several networks with a common start.

Wortsman et al., "Model soups: averaging weights of multiple fine-tuned models improves accuracy
without increasing inference time", 2022 (arXiv:2203.05482). It is useful only if one network was
trained on from the other, or both from a third. The mean of unrelated networks is useless.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import keras
import numpy as np

from train.data.hashes import hash_of
from train.emotion.heads import leave_heads
from train.emotion.run import EmotionRun
from train.errors import RunError
from train.networks import find_network
from train.run.begin import held
from train.run.command import command
from train.run.files import write_json
from train.run.network_file import load_network, save_network


def average(runs: Sequence[EmotionRun], out: EmotionRun) -> None:
    """Leave a run whose network has the mean of the weights; the rest is copied from the first run.

    Args:
        runs: two or more finished ones, of the same network; one that stands twice counts twice.
        out: a folder that holds no run yet.

    Raises:
        RunError: fewer than two runs. One is not finished, has a damaged file, or has another
            network or other labels than the first. `out` holds a run, or another process writes to
            it.
    """
    if len(runs) < 2:
        raise RunError(f"expected two runs or more to average, got {len(runs)}")
    network = _mean([load_network(run.model_file) for run in runs], runs)
    first = runs[0]
    card, facts, settings = first.read_card(), first.read_facts(), first.read_settings()
    history = first.read_history()
    for run in runs[1:]:
        if run.read_card().labels != card.labels:
            raise RunError(f"{run.folder} has other labels than {first.folder}")
    averaged = [{"run": run.folder.name, "sha256": hash_of(run.model_file)} for run in runs]
    card = dataclasses.replace(card, origin={**card.origin, "averaged": averaged})
    with held(out):
        if out.model_file.exists():
            raise RunError(f"{out.folder} holds a run; name another folder")
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
