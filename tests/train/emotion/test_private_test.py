"""PrivateTest chooses nothing: with other faces, labels and votes there, all comes out the same."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from train.data.faces import SPLITS, Faces
from train.data.prepared import Prepared
from train.data.sources import Votes
from train.emotion.distillation.teacher import load_teacher
from train.emotion.distillation.teacher_accuracy import accuracies_of
from train.emotion.fit import fit
from train.emotion.measuring.calibration import calibrate
from train.emotion.measuring.priors_of_model import table
from train.emotion.mix import mix
from train.emotion.refit import refit
from train.emotion.run import EmotionRun
from train.emotion.settings import HEADS, Settings
from train.run.network_file import load_network

PRIVATE = SPLITS.index("PrivateTest")
SETTINGS = {
    "training.batch": 32,
    "training.epochs": 3,
    "training.patience": 1,
    "network.two_heads": True,
}


@pytest.fixture(scope="module")
def finished(data: Prepared, votes: Votes, tmp_path_factory: pytest.TempPathFactory) -> EmotionRun:
    run = EmotionRun(tmp_path_factory.mktemp("runs") / "lenet")
    fit(Settings.of("lenet", SETTINGS), data, votes, run)
    return run


@pytest.fixture(scope="module")
def others(data: Prepared, votes: Votes) -> tuple[Faces, Votes]:
    """The same, except that PrivateTest holds noise, and labels and votes for anger alone."""
    faces, random = data.faces, np.random.default_rng(1)
    private = faces.split == PRIVATE
    images, label, counts = faces.images.copy(), faces.label.copy(), votes.counts.copy()
    images[private] = random.integers(0, 256, images[private].shape)
    label[private] = 0
    counts[votes.split == PRIVATE] = [10] + 9 * [0]
    return (
        dataclasses.replace(faces, images=images, label=label),
        dataclasses.replace(votes, counts=counts),
    )


def left(run: EmotionRun) -> list[Any]:
    """What a run's network and card say."""
    card = run.read_card()
    weights = [part.tobytes() for part in load_network(run.model_file).get_weights()]
    return [weights, card.temperature, card.priors, card.priors_power]


def refitted(run: EmotionRun, faces: Faces, votes: Votes) -> list[Any]:
    refit(run, faces, votes, None)
    return [part.tobytes() for part in load_network(run.model_file).get_weights()]


def mixed(run: EmotionRun, faces: Faces, votes: Votes) -> list[Any]:
    return [left(mix(run, faces, votes, truth)) for truth in ("ferplus", "labels")]


def calibrated(run: EmotionRun, faces: Faces, votes: Votes) -> list[Any]:
    for head in HEADS:
        calibrate(run.head(head), faces, votes, None)
    return [left(run.head(head)) for head in HEADS]


def as_teacher(run: EmotionRun, faces: Faces, votes: Votes) -> list[Any]:
    spec = run.read_card().input
    teacher = load_teacher(run, faces.labels, spec, len(HEADS), "float32", 0.0)
    return list(accuracies_of([(run.folder, teacher)], faces, votes).to_numpy().ravel())


def by_power(_: EmotionRun, faces: Faces, votes: Votes) -> list[Any]:
    return [table("nano", faces, votes, "ferplus", {}).to_json()]


@pytest.mark.parametrize("chosen", [refitted, mixed, calibrated, as_teacher, by_power])
def test_what_is_chosen_stays_the_same(
    chosen: Callable[[EmotionRun, Faces, Votes], list[Any]],
    finished: EmotionRun,
    data: Prepared,
    votes: Votes,
    others: tuple[Faces, Votes],
    tmp_path: Path,
) -> None:
    came = []
    for name, some in (("one", (data.faces, votes)), ("other", others)):
        shutil.copytree(finished.folder, tmp_path / name)
        came.append(chosen(EmotionRun(tmp_path / name), *some))
    assert came[0] == came[1]


def test_a_training_stops_at_the_same_epoch(
    finished: EmotionRun, data: Prepared, others: tuple[Faces, Votes], tmp_path: Path
) -> None:
    faces, votes = others
    run = EmotionRun(tmp_path / "again")
    fit(Settings.of("lenet", SETTINGS), dataclasses.replace(data, faces=faces), votes, run)
    again, before = (load_network(one.model_file).get_weights() for one in (run, finished))
    for one, other in zip(again, before, strict=True):
        np.testing.assert_array_equal(one, other)
