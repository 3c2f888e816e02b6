"""Faces that are held out or tested are learned by nobody, neither directly nor from a teacher."""

from __future__ import annotations

import dataclasses
import logging
from pathlib import Path

import numpy as np
import pytest

from tests.train.emotion.quick_settings import ONE_EPOCH as QUICK
from tests.train.emotion.train_command import train
from train.data.held_out import part_of
from train.data.prepared import Prepared
from train.emotion.average import average
from train.emotion.distillation.teacher import load_teacher
from train.emotion.fit import fit
from train.emotion.folds import fit_folds
from train.emotion.measuring.calibration import calibrate
from train.emotion.refit import refit
from train.emotion.run import EmotionRun
from train.emotion.run_files import RunFiles
from train.emotion.settings import Settings
from train.emotion.training_faces import training_set
from train.errors import RunError


def test_a_teacher_that_knows_the_tested_faces_is_told(data: Prepared, tmp_path: Path) -> None:
    """Folds learn from all splits; and whatever learned from all knows each fold's tests."""
    folds = Settings.of("lenet", {**QUICK, "data.folds": 2})
    run = EmotionRun(tmp_path / "folds")
    fit_folds(folds, data, None, run)
    student = EmotionRun(tmp_path / "student")
    choices = {**QUICK, "distillation.teachers": ("a",), "distillation.views": 1}
    alone = Settings.of("lenet", choices)
    with pytest.raises(RunError, match=r"has learned from \d+ of the 12\d faces that its student"):
        fit(alone, data, None, student, RunFiles(teacher_folders=(run.fold(1).folder,)))
    whole = EmotionRun(tmp_path / "whole")
    fit(Settings.of("lenet", QUICK), data, None, whole)
    cross = Settings.of("lenet", {**choices, "data.folds": 2})
    with pytest.raises(RunError, match="faces that its student is measured by"):
        fit_folds(cross, data, None, student, RunFiles(teacher_folders=(whole.folder,)))
    assert not student.folder.exists()
    for change in (
        lambda: refit(run, data.faces, None, "labels"),
        lambda: calibrate(run, data.faces, None, "labels"),
        lambda: average([run, run], student),
        lambda: load_teacher(run, data.faces.labels, whole.read_card().input, 1, "float32", 0),
    ):
        with pytest.raises(RunError, match=r"a network for each fold; name one of .*fold-1 … "):
            change()


def test_faces_that_are_held_out_are_not_learned_without_labels_either(
    data: Prepared, tables: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The same faces once more, as faces without labels: the part stays out."""
    whole = EmotionRun(tmp_path / "whole")
    fit(Settings.of("lenet", QUICK), data, None, whole)
    choices = {
        **QUICK,
        "data.hold_out": 1,
        "data.parts": 2,
        "distillation.teachers": ("a",),
        "distillation.views": 1,
    }
    run = EmotionRun(tmp_path / "student")
    files = RunFiles(
        teacher_folders=(whole.folder,),
        unlabelled_file=tables / "fer2013.csv",
        cache_folder=tmp_path / "cache",
    )
    with caplog.at_level(logging.INFO):
        fit(Settings.of("lenet", choices), data, None, run, files)
    held = int((part_of(data.faces, 2) == 1).sum())
    (line,) = (one for one in caplog.messages if "held out, or nearly" in one)
    assert int(line.split()[0]) >= held > 100


def test_targets_of_faces_without_labels_are_the_teachers_alone(data: Prepared) -> None:
    settings = Settings.of("lenet", {**QUICK, "targets.class_weights": True})
    learning = data.faces.only("Training")
    shown = training_set(learning, settings, None, learning.images[:7])
    assert len(shown.images) == 391
    assert shown.weights is not None
    assert (shown.weights[384:] == 1).all()
    shown = dataclasses.replace(shown, teachers_weight=0.9)
    taught = np.full((1, 2, 7), 1 / 7, np.float32)
    _, wanted, _ = shown.batch(np.array([0, 384]), taught)
    assert wanted[1] == pytest.approx(np.full(7, 1 / 7))
    assert wanted[0].max() == pytest.approx(0.1 + 0.9 / 7)


@pytest.mark.parametrize(
    "text",
    ["1", "a/b", "0/3", "4/3", "1/1", "1/0", "0/0", "", " 1/2", "1/2/3", "\u0661/\u0662", "1/200"],
)
def test_a_part_that_is_none_is_told(text: str, tables: Path, tmp_path: Path) -> None:
    words = ("--data", tables / "fer2013.csv", "--run", tmp_path / "run")
    done = train("fit", "lenet", *words, "--hold-out", text)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "expected" in done.stderr or "must be" in done.stderr
    assert not (tmp_path / "run").exists()
    both = train("fit", "lenet", *words, "--hold-out", "1/2", "--set", "data.parts=3")
    assert "say the same: give one of them" in both.stderr
    resumed = train("fit", "--resume", tmp_path / "run", "--hold-out", text)
    assert "needs nothing else, got hold_out" in resumed.stderr
