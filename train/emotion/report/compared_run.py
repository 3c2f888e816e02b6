"""The figures of a finished run, for a comparison."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fer_edge.classifier import EmotionClassifier
from fer_edge.classifier_speed import milliseconds_a_face
from fer_edge.models.card import ModelCard
from train.data.faces import SPLITS
from train.data.hashes import hash_of
from train.emotion.evaluate import final_results
from train.emotion.figures import read_int8, read_results, read_summary
from train.emotion.run import EmotionRun
from train.emotion.settings import Settings
from train.errors import RunError
from train.networks import FORMER_NAMES, NETWORKS, find_network
from train.networks.network import Reported
from train.run.history import Row


@dataclass(frozen=True)
class Int8:
    """What `python -m convert` measured of a run; the folds' means where there are folds."""

    test_accuracy: float
    """On the split that is compared, through the runtime, 0..1."""
    kilobytes: float
    """Of the file, 1000 bytes each."""
    milliseconds: float | None
    """The median for one face on one core of this machine; None where the file is gone."""


@dataclass(frozen=True)
class ComparedRun:
    """One run."""

    name: str
    """Its folder's; with folders above it where two runs would have one name."""
    split: str
    """The faces that it is compared by."""
    network: str
    """A name of the zoo."""
    truth: str
    """Whose answers count: "fer2013" or "labels"."""
    protocol: str
    """What it learned from and is tested on."""
    accuracy: dict[str, float]
    """By split, 0..1."""
    loss: dict[str, float]
    """By split, nats."""
    people: float | None
    """The accuracy by FER+'s majority, where that was measured."""
    deviation: float | None
    """The standard deviation over the folds, where there are folds."""
    parameters: int
    """Numbers in the network."""
    multiply_adds: int
    """For one picture."""
    int8: Int8 | None
    """As int8, where it was converted."""
    reported: Reported
    """What was reported of that network; nothing where that was on other data."""
    history: list[Row]
    """Its epochs; those of the first fold where there are folds."""
    commands: list[str]
    """The commands that made it, in their order. The last one made this run. Those before made the
    weights that it started from, if their runs lie beside it."""


def compared_run(run: EmotionRun, split: str = SPLITS[-1]) -> ComparedRun:
    """Read a run, and time its int8 model on this machine.

    Args:
        run: a finished one.
        split: one of SPLITS: PublicTest to choose by, PrivateTest to report.

    Raises:
        RunError: it is not evaluated, or was not tested on that split. Or a file of it is damaged.
    """
    settings, card = run.read_settings(), run.read_card()
    results = final_results(run) if split == "PrivateTest" else read_results(run)
    summary = read_summary(run)
    truth = next((name for name in results.get(split, {}) if name != "ferplus"), None)
    if truth is None:
        raise RunError(f"{run.folder} was not tested: its dataset has no labelled {split} faces")
    by_split = {name: truths[truth] for name, truths in results.items() if truth in truths}
    history = (run.fold(1) if settings.data.folds else run).read_history()
    network = settings.network.name
    return ComparedRun(
        name=_name(run, settings),
        split=split,
        network=network,
        truth=truth,
        protocol=_protocol(settings, _dataset(run, card)),
        accuracy={name: figures["accuracy"] for name, figures in by_split.items()},
        loss={name: figures["loss"] for name, figures in by_split.items()},
        people=results[split].get("ferplus", {}).get("accuracy"),
        deviation=by_split[split].get("deviation"),
        parameters=summary["parameters"],
        multiply_adds=summary["multiply_adds"],
        int8=_int8(run, settings, split, truth),
        reported=_reported(network, truth),
        history=history,
        commands=_commands(run),
    )


def _reported(network: str, truth: str) -> Reported:
    """Empty for a network that is no longer in the zoo."""
    is_known = network in NETWORKS or network in FORMER_NAMES
    reported = find_network(network).reported if is_known else Reported()
    return reported if reported.truth == truth else Reported()


def _commands(run: EmotionRun) -> list[str]:
    command, wanted = run.read_facts().get("command"), run.read_settings().network.weights
    if not isinstance(command, str):
        raise RunError(f"{run.run_file} is damaged: it does not say the command that made the run")
    if not wanted:
        return [command]
    here = run.folder.resolve()
    for folder in sorted(here.parent.iterdir()):
        before = EmotionRun(folder)
        is_run = folder != here and before.run_file.exists() and before.model_file.exists()
        if is_run and hash_of(before.model_file) == wanted:
            return [*_commands(before), command]
    return [command]


def _name(run: EmotionRun, settings: Settings) -> str:
    """The folder's, and for one of two heads that of the folder around it before."""
    path = run.folder.resolve()
    return f"{path.parent.name}/{path.name}" if settings.network.head else path.name


def _dataset(run: EmotionRun, card: ModelCard) -> Mapping[str, Any]:
    data = card.origin.get("data")
    if not isinstance(data, Mapping) or not isinstance(data.get("file"), str):
        raise RunError(f"{run.card_file} is damaged: it does not name the dataset's file")
    return data


def _protocol(settings: Settings, dataset: Mapping[str, Any]) -> str:
    parts = [dataset["file"]]
    if settings.data.sample:
        parts.append(f"{settings.data.sample} training faces")
    if settings.data.folds:
        parts.append(f"{settings.data.folds} folds")
        # Runs of an earlier version do not say whether the data name the persons.
        if "persons_known" in dataset:
            known = dataset["persons_known"]
            parts.append("no person in two" if known else "who is who is not known")
    if settings.network.head:
        parts.append(f"the head for {settings.network.head}")
    elif settings.targets.votes_weight:
        parts.append(f"votes {settings.targets.votes_weight:g}")
    if settings.distillation.teachers:
        parts.append(f"{len(settings.distillation.teachers)} teachers")
    parts.append("given weights" if settings.network.weights else "from scratch")
    return ", ".join(parts)


def _int8(run: EmotionRun, settings: Settings, split: str, truth: str) -> Int8 | None:
    folds = [run.fold(number) for number in range(1, settings.data.folds + 1)]
    parts = folds or [run]
    if not all(part.int8_file.exists() for part in parts):
        return None
    measured = [read_int8(part, split, truth) for part in parts]
    return Int8(
        test_accuracy=float(np.mean([one["accuracy"] for one in measured])),
        kilobytes=float(np.mean([one["bytes"] for one in measured])) / 1000,
        milliseconds=_milliseconds(measured[0]["file"]),
    )


def _milliseconds(file: str | None) -> float | None:
    """None also for runs from before `convert` wrote the model's path."""
    if file is None or not Path(file).is_file():
        return None
    return milliseconds_a_face(EmotionClassifier(file))
