"""What is finished stays as later commands left it, and nothing begins on what nobody knows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.called import called
from train.__main__ import main
from train.data.prepared import Prepared
from train.data.sources import Votes
from train.emotion.fit import fit
from train.emotion.folds import fit_folds
from train.emotion.refit import refit
from train.emotion.run import EmotionRun
from train.emotion.run_files import RunFiles
from train.emotion.settings import HEADS, Settings
from train.errors import DatasetError, RunError
from train.run.network_file import load_network

QUICK = {"training.epochs": 1, "training.batch": 32, "optimizer.ema": 0.5}


def weights(run: EmotionRun) -> list[np.ndarray]:
    return list(load_network(run.model_file).get_weights())


def test_to_resume_a_finished_run_undoes_no_refit(data: Prepared, tmp_path: Path) -> None:
    """Of two classes, whose logistic regression has one row of weights."""
    run = EmotionRun(tmp_path / "run")
    settings = Settings.of("lenet", {**QUICK, "data.classes": ("happy", "sad")})
    trained = fit(settings, data, None, run).get_weights()
    refit(run, data.faces, None, "labels")
    kept, card = weights(run), run.card_file.read_bytes()
    assert not np.array_equal(kept[-1], trained[-1])
    again = fit(settings, data, None, run, resume=True).get_weights()
    for one, other, third in zip(kept, weights(run), again, strict=True):
        np.testing.assert_array_equal(one, other)
        np.testing.assert_array_equal(one, third)
    assert run.card_file.read_bytes() == card
    with pytest.raises(RunError, match="begun with other settings"):
        fit(settings.changed(training={"seed": 2}), data, None, run, resume=True)


def test_a_run_whose_heads_are_missing_is_finished_and_no_head_resumed(
    data: Prepared, votes: Votes, tables: Path, tmp_path: Path
) -> None:
    run, files = EmotionRun(tmp_path / "run"), RunFiles(data_file=tables / "fer2013.csv")
    settings = Settings.of("lenet", {**QUICK, "network.two_heads": True})
    fit(settings, data, votes, run, files)
    before = weights(run.head(HEADS[1]))
    run.head(HEADS[1]).card_file.unlink()
    fit(settings, data, votes, run, files, resume=True)
    assert run.head(HEADS[1]).card_file.exists()
    told = called(main, "fit", "--resume", run.head(HEADS[1]).folder)
    assert told.returncode == 1
    assert f"is only one head of a training: --resume {run.folder} goes on" in told.stderr
    for one, other in zip(before, weights(run.head(HEADS[1])), strict=True):
        np.testing.assert_array_equal(one, other)


def test_nothing_goes_on_from_what_nobody_knows(data: Prepared, tmp_path: Path) -> None:
    """A checkpoint without run.json may be of any training."""
    run = EmotionRun(tmp_path / "run")
    run.folder.mkdir()
    run.checkpoint_file(1).write_bytes(b"of another training")
    with pytest.raises(RunError, match=r"no run\.json says of which: remove the folder"):
        fit(Settings.of("lenet", QUICK), data, None, run)
    assert run.checkpoint_file(1).read_bytes() == b"of another training"


@pytest.mark.parametrize("name", ["data.folds", "data.also_public"])
def test_votes_for_faces_in_other_splits_are_refused(
    name: str, data: Prepared, votes: Votes, tmp_path: Path
) -> None:
    value = 2 if name == "data.folds" else 0.5
    settings = Settings.of("lenet", {**QUICK, name: value, "targets.votes_weight": 0.0})
    train = fit_folds if name == "data.folds" else fit
    with pytest.raises(DatasetError, match=f"{name} learns from .*: leave --votes or {name} out"):
        train(settings, data, votes, EmotionRun(tmp_path / "run"))
    assert not (tmp_path / "run").exists()
