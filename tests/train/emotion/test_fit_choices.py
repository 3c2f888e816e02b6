"""What `fit` can be asked for: folds, an early end, and weights of classes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest

from tests.train.emotion.quick_settings import SMALL_BATCHES as QUICK
from tests.train.emotion.train_command import train
from train.data.prepared import Prepared, prepare
from train.emotion.fit import fit
from train.emotion.folds import evaluate_folds, fit_folds
from train.emotion.report.compared_run import _protocol, compared_run
from train.emotion.run import EmotionRun
from train.emotion.settings import Settings
from train.errors import DatasetError, RunError
from train.run.files import read_json
from train.run.history import best_epoch, is_over


def test_folds_test_each_face_once(shared: Callable[[str], Path], tmp_path: Path) -> None:
    whole = prepare(shared("data/ckplus48.zip"), tmp_path)
    # The last of the three frames of each sequence.
    faces = whole.faces.where(whole.faces.row % 3 == 2, "a third")
    data = dataclasses.replace(whole, faces=faces)
    settings = Settings.of(
        "ckplus_cnn", {"training.epochs": 1, "data.folds": 3, "training.batch": 64}
    )
    run = EmotionRun(tmp_path / "folds")
    fit_folds(settings, data, None, run)
    with pytest.raises(RunError, match=r"fit --resume .*folds goes on"):
        fit_folds(settings, data, None, run)
    written = run.fold(2).model_file.stat().st_mtime_ns
    run.fold(3).model_file.unlink()
    fit_folds(settings, data, None, run, resume=True)
    assert run.fold(2).model_file.stat().st_mtime_ns == written
    figures = evaluate_folds(run, data.faces, None)["PrivateTest"]["labels"]
    assert figures["faces"] == 327
    each = [read_json(run.fold(n).evaluation_file)["PrivateTest"]["labels"] for n in (1, 2, 3)]
    assert figures["accuracy"] == pytest.approx(np.mean([one["accuracy"] for one in each]))
    assert figures["deviation"] == pytest.approx(np.std([one["accuracy"] for one in each]))
    assert "3 epochs in 0.0" in run.report_file.read_text("utf-8")
    assert "in 3 folds" in run.report_file.read_text("utf-8")
    assert all(run.fold(n).report_file.exists() for n in (1, 2, 3))
    assert compared_run(run).protocol == "ckplus48.zip, 3 folds, no person in two, from scratch"


def test_one_fold_is_trained_and_resumed_alone(tables: Path, tmp_path: Path) -> None:
    files = ("--data", tables / "fer2013.csv", "--cache", tmp_path / "cache")
    chosen = ("data.folds=3", "data.fold=2", "training.epochs=1", "training.batch=32")
    run = EmotionRun(tmp_path / "second")
    done = train("fit", "lenet", *files, "--run", run.folder, "--set", *chosen)
    assert done.returncode == 0, done.stderr
    assert train("fit", "--resume", run.folder).returncode == 0
    assert run.model_file.exists()
    assert not list(run.folder.glob("fold-*"))


@pytest.mark.parametrize(
    ("fact", "told"),
    [
        ({"persons_known": True}, "5 folds, no person in two"),
        ({"persons_known": False}, "5 folds, who is who is not known"),
        ({}, "5 folds"),
    ],
)
def test_persons_are_only_said_to_be_apart_where_they_are_known(
    fact: dict[str, bool], told: str
) -> None:
    settings = Settings.of("lenet", {"data.folds": 5})
    expected = f"mine.csv, {told}, from scratch"
    assert _protocol(settings, {"file": "mine.csv", **fact}) == expected


def test_it_stops_early_and_keeps_the_best_epoch(data: Prepared, tmp_path: Path) -> None:
    choices = {
        **QUICK,
        "training.epochs": 30,
        "training.patience": 2,
        "optimizer.learning_rate": 0.3,
        "optimizer.ema": 0.0,
    }
    run = EmotionRun(tmp_path / "early")
    network = fit(Settings.of("lenet", choices), data, None, run)
    history = read_json(run.history_file)
    assert len(history) < 30
    best = best_epoch(history)
    assert len(history) == best + 2
    assert set(run.checkpoints()) == {best, len(history) - 1, len(history)}
    kept = keras.saving.load_model(run.checkpoint_file(best), compile=False).layers[-1]
    for one, other in zip(network.get_weights(), kept.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    run.model_file.unlink()
    fit(Settings.of("lenet", choices), data, None, run, resume=True)
    assert read_json(run.history_file) == history, "a run that was over is only finished"
    only_training = prepare_training(data)
    with pytest.raises(DatasetError, match="needs PublicTest"):
        fit(Settings.of("lenet", choices), only_training, None, EmotionRun(tmp_path / "other"))


def test_each_epoch_is_validated_on_all_faces(
    data: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What does not learn must score the same each time."""
    monkeypatch.setattr("train.emotion.fit.VALIDATION_BATCH_FACES", 10)
    choices = {**QUICK, "training.epochs": 4, "optimizer.learning_rate": 0.0, "optimizer.ema": 0.0}
    run = EmotionRun(tmp_path / "still")
    fit(Settings.of("lenet", choices), data, None, run)
    losses = [row["val_loss"] for row in read_json(run.history_file)]
    assert losses == pytest.approx([losses[0]] * 4, rel=1e-5)


def prepare_training(data: Prepared) -> Prepared:
    return dataclasses.replace(data, faces=data.faces.only("Training"))


def test_patience_counts_from_the_best_epoch() -> None:
    rows = [{"epoch": n, "val_accuracy": a} for n, a in enumerate((0.2, 0.5, 0.5, 0.4), start=1)]
    assert best_epoch(rows) == 2
    assert is_over(rows, 2)
    assert not is_over(rows, 3)
    assert not is_over(rows, 0)
    assert best_epoch([{"epoch": 1}, {"epoch": 2}]) == 2


def test_class_weights_make_classes_count_alike(data: Prepared) -> None:
    from train.emotion.selection import selection
    from train.emotion.training_faces import training_set

    settings = Settings.of("lenet", {**QUICK, "targets.class_weights": True})
    faces = selection(data.faces, settings).only("Training")
    weights = training_set(faces, settings, None).weights
    assert weights is not None
    assert weights.mean() == pytest.approx(1)
    sums = [weights[faces.label == number].sum() for number in range(6)]
    assert sums == pytest.approx([sums[0]] * 6)
    assert training_set(faces, Settings.of("lenet", QUICK), None).weights is None


def test_weighted_faces_are_trained_on(data: Prepared, tmp_path: Path) -> None:
    plain, weighted = EmotionRun(tmp_path / "plain"), EmotionRun(tmp_path / "weighted")
    for run, by_class in ((plain, False), (weighted, True)):
        choices = {**QUICK, "training.epochs": 1, "targets.class_weights": by_class}
        fit(Settings.of("lenet", choices), data, None, run)
    losses = [read_json(run.history_file)[0]["loss"] for run in (plain, weighted)]
    assert losses[0] != losses[1]
