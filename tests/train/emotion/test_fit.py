"""Training on a small real sample: it learns, it resumes exactly, and it leaves what it must."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np
import pytest

from fer_edge.models.card import ModelCard
from tests.conftest import ROOT
from tests.train.emotion.train_command import train


def fit_words(tables: Path, run: Path, epochs: int) -> list[str | Path]:
    return [
        *("fit", "nano", "--data", tables / "fer2013.csv"),
        *("--votes", tables / "fer2013new.csv", "--cache", run.parent / "cache"),
        *("--run", run, "--epochs", str(epochs), "--batch", "64"),
    ]


def weights(run: Path) -> list[np.ndarray]:
    return list(keras.saving.load_model(run / "model.keras", compile=False).get_weights())


@pytest.fixture(scope="module")
def finished(tables: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of three epochs, by a process of its own; all of its lines are ours."""
    run = tmp_path_factory.mktemp("runs") / "straight"
    command = [sys.executable, "-m", "train", *map(str, fit_words(tables, run, 3))]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=600)
    assert done.returncode == 0, done.stderr
    for line in done.stderr.splitlines():
        assert re.match(r"reading .*fer2013\.csv|epoch [123]/3  \d+ s  accuracy", line), line
    return run


def test_a_run_leaves_all_it_must(finished: Path) -> None:
    names = {path.name for path in finished.iterdir()}
    assert names >= {
        *("run.json", "card.json", "history.json", "log.txt", "model.keras", "curves.png"),
        *("faces.npz", "evaluation.json", "checkpoint-0003.keras"),
        *("confusion-PublicTest-ferplus.png", "per-class-PublicTest-fer2013.png"),
    }
    assert not [name for name in names if "PrivateTest" in name]
    history = json.loads((finished / "history.json").read_text())
    assert [row["epoch"] for row in history] == [1, 2, 3]
    assert history[-1]["loss"] < history[0]["loss"]
    assert len((finished / "log.txt").read_text().splitlines()) == 3
    card = ModelCard.from_json(json.loads((finished / "card.json").read_text()))
    assert card.origin["settings"]["targets"]["votes_weight"] == 0.5
    assert card.origin["data"]["faces"] == {"Training": 384, "PublicTest": 64, "PrivateTest": 64}
    assert card.origin["command"].startswith("python -m train fit nano --data")
    assert card.accuracy == {}, "conversion measures on PrivateTest, for the card"
    evaluation = json.loads((finished / "evaluation.json").read_text())
    assert set(evaluation) == {"Training", "PublicTest"}
    assert evaluation["PublicTest"]["fer2013"]["faces"] == 64
    assert set(evaluation["PublicTest"]["ferplus"]["happy"]) >= {"precision", "recall", "f1-score"}


def test_a_killed_run_resumes_to_the_same_weights(finished: Path, tables: Path) -> None:
    run = finished.parent / "killed"
    command = [sys.executable, "-m", "train", *map(str, fit_words(tables, run, 3))]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        deadline = time.monotonic() + 300
        while not (run / "checkpoint-0001.keras").exists():
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    assert not (run / "model.keras").exists()
    again = train(*fit_words(tables, run, 3))
    assert again.returncode == 1
    assert f"fit --resume {run} goes on" in again.stderr
    assert "run.json is missing" in train("fit", "--resume", run.parent).stderr
    other = train("fit", "--resume", run, "--epochs", "4")
    assert other.returncode == 2
    assert "--resume needs nothing else, got epochs" in other.stderr
    facts = json.loads((run / "run.json").read_text("utf-8"))
    moved = {**facts, "files": {**facts["files"], "votes": "gone.csv"}}
    (run / "run.json").write_text(json.dumps(moved), "utf-8")
    told = train("fit", "--resume", run)
    assert told.returncode == 1
    assert f"gone.csv is not there any more, which {run} was begun with" in told.stderr
    (run / "run.json").write_text(json.dumps(facts), "utf-8")
    resumed = train("fit", "--resume", run)
    assert resumed.returncode == 0, resumed.stderr
    for straight, interrupted in zip(weights(finished), weights(run), strict=True):
        np.testing.assert_array_equal(straight, interrupted)


def test_calibrating_is_kept_and_may_be_repeated(
    finished: Path, tables: Path, tmp_path: Path
) -> None:
    run = tmp_path / "calibrated"
    shutil.copytree(finished, run)
    data: list[str | Path] = [
        "--data",
        tables / "fer2013.csv",
        "--votes",
        tables / "fer2013new.csv",
    ]
    words: list[str | Path] = [
        "calibrate",
        run,
        *data,
        "--cache",
        tmp_path,
        "--truth",
        "ferplus",
    ]
    temperatures: list[float] = []
    for _ in range(2):
        done = train(*words)
        assert done.returncode == 0, done.stderr
        card = ModelCard.from_json(json.loads((run / "card.json").read_text()))
        temperatures.append(card.temperature)
        assert card.origin["calibration"]["truth"] == "ferplus"
    assert temperatures[0] != 1
    assert temperatures[1] == temperatures[0]


def test_a_damaged_checkpoint_is_passed_over(finished: Path, tmp_path: Path) -> None:
    """The epoch after the one before gives the weights that it gave."""
    run = tmp_path / "damaged"
    shutil.copytree(finished, run)
    (run / "model.keras").unlink()
    (run / "checkpoint-0003.keras").write_bytes(b"half")
    done = train("fit", "--resume", run)
    assert done.returncode == 0, done.stderr
    assert "checkpoint-0003.keras cannot be read" in done.stderr
    assert "going on from the one before" in done.stderr
    assert "Traceback" not in done.stderr
    for straight, mended in zip(weights(finished), weights(run), strict=True):
        np.testing.assert_array_equal(straight, mended)


def test_short_trainings_leave_what_they_showed(tables: Path, tmp_path: Path) -> None:
    """The averaged weights are about those at the end, also after few steps."""
    run = tmp_path / "short"
    words = ["--set", "optimizer.learning_rate=0.1", "targets.votes_weight=0"]
    done = train("fit", "tied_nano", "--epochs", "8", *fit_words(tables, run, 8)[2:], *words)
    assert done.returncode == 0, done.stderr
    shown = json.loads((run / "history.json").read_text())[-1]["val_loss"]
    left = json.loads((run / "evaluation.json").read_text())["PublicTest"]["fer2013"]["loss"]
    assert left < shown + 0.15
