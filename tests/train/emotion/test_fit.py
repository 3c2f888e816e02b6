"""Training on a small real sample: it learns, it resumes exactly, and it leaves what it must."""

from __future__ import annotations

import dataclasses
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

from fer_edge.models.card import InputSpec, ModelCard
from tests.called import Called, called
from tests.conftest import ROOT
from train.__main__ import main
from train.data.sources import read_source, read_votes
from train.emotion.dataset import TrainingSet, batches
from train.emotion.targets import targets
from train.layers.augmentation import augmentation
from train.networks import build


def train(*words: str | Path) -> Called:
    return called(main, *words)


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
    assert other.returncode == 1
    assert "--resume needs nothing else, got epochs" in other.stderr
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


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["fit", "edge", "--data", "DATA", "--run", "RUN", "--precision", "half"],
            "training.precision must be one of float32",
        ),
        (
            ["fit", "edge", "--data", "DATA", "--run", "RUN", "--epochs", "0"],
            "training.epochs must be 1",
        ),
        (
            ["fit", "edge", "--data", "DATA", "--run", "RUN", "--set", "optimizer.speed=1"],
            "expected --set group.name=value, got 'optimizer.speed=1'",
        ),
        (
            ["fit", "edge", "--data", "DATA", "--run", "RUN", "--teachers", "nowhere"],
            "nowhere cannot teach",
        ),
        (["fit", "--resume", "nowhere"], "--resume needs nothing else, got cache"),
        (
            ["fit", "edge", "--data", "DATA", "--epochs", "2", "--set", "training.epochs=3"],
            "--epochs and --set training.epochs say the same",
        ),
        (["fit", "edge", "--data", "DATA", "--set", "data.folds=2", "data.folds=3"], "twice"),
        (["fit", "edge", "--run", "RUN"], "expected a network and --data"),
        (["evaluate", "nowhere", "--data", "DATA"], "run.json is missing"),
        (["prepare", "--data", "nowhere.csv"], "nowhere.csv does not exist"),
        (
            ["fit", "edge", "--data", "DATA", "--run", "RUN", "--batch", "5000"],
            "do not fill a batch",
        ),
        (
            ["fit", "edge", "--data", "DATA", "--run", "RUN", "--votes", "x.csv"],
            "x.csv cannot be read",
        ),
    ],
)
def test_errors_are_one_line(words: list[str], message: str, tables: Path, tmp_path: Path) -> None:
    places = {"DATA": str(tables / "fer2013.csv"), "RUN": str(tmp_path / "run")}
    done = train(*[places.get(word, word) for word in words], "--cache", tmp_path / "cache")
    assert done.returncode == 1
    assert message in done.stderr
    told = [line for line in done.stderr.splitlines() if not line.startswith("reading ")]
    assert len(told) == 1, done.stderr
    assert not (tmp_path / "run").exists(), "a start that failed leaves no folder"


def test_prepare_describes_the_data(tables: Path, tmp_path: Path) -> None:
    words: list[str | Path] = ["--votes", tables / "fer2013new.csv", "--cache", tmp_path]
    done = train("prepare", "--data", tables / "fer2013.csv", *words)
    assert done.returncode == 0
    assert "512 faces of 48x48" in done.stdout
    assert "512 faces were voted on" in done.stdout


def test_the_edge_network_is_what_it_says() -> None:
    network = build("edge", 7, 0.3)
    assert 0.6e6 < network.count_params() < 0.75e6
    convolutions = [la for la in network.layers if isinstance(la, keras.layers.Conv2D)]
    multiply_adds = sum(
        int(np.prod(la.kernel.shape)) * la.output.shape[1] * la.output.shape[2]
        for la in convolutions
    )
    assert 45e6 < multiply_adds < 50e6


def test_augmentation_varies_faces_in_training_only(tables: Path) -> None:
    faces = read_source(tables).images[:32].astype("float32")
    for layer in augmentation(seed=1, degradation=0.5):
        varied = np.array(layer(faces, training=True))
        assert varied.shape == faces.shape
        assert varied.min() >= 0
        assert varied.max() <= 255
        assert (varied != faces).mean() > 0.005
        assert (np.array(layer(faces, training=False)) == faces).all()
        copy = type(layer).from_config(layer.get_config())
        assert (np.array(copy(faces, training=True)) != faces).mean() > 0.005


def test_batches_go_on_where_they_were_stopped() -> None:
    images = np.arange(20, dtype=np.uint8).reshape(20, 1, 1, 1)
    wanted = np.eye(20, dtype=np.float32)
    training_set = TrainingSet(images, (wanted,), None, InputSpec(1, 1, "grey", 0.0))
    straight = batches(training_set, 6, seed=3, first_epoch=0)
    shown = [next(straight)[0].ravel().tolist() for _ in range(9)]
    again = batches(training_set, 6, seed=3, first_epoch=1)
    assert [next(again)[0].ravel().tolist() for _ in range(6)] == shown[3:]
    assert len({number for batch in shown[:3] for number in batch}) == 18
    assert shown[:3] != shown[3:6]


def test_faces_are_mixed_with_their_targets() -> None:
    images = (10 * np.arange(20, dtype=np.uint8)).reshape(20, 1, 1, 1)
    wanted = np.eye(20, dtype=np.float32)
    training_set = TrainingSet(images, (wanted,), None, InputSpec(1, 1, "grey", 0.0), mixup=0.4)
    pictures, targets_of_them = next(batches(training_set, 10, seed=3, first_epoch=0))
    assert np.allclose(targets_of_them.sum(axis=1), 1)
    assert np.allclose(targets_of_them @ (10 * np.arange(20)), pictures.ravel(), atol=1e-3)
    assert ((targets_of_them > 0).sum(axis=1) == 2).all()
    again, _ = next(batches(training_set, 10, seed=3, first_epoch=0))
    assert (again == pictures).all()
    taught = np.zeros((1, 1, 20, 20), np.float32)
    training_set = dataclasses.replace(training_set, soft_targets=taught, teachers_weight=0.25)
    _, less = next(batches(training_set, 10, seed=3, first_epoch=0))
    assert np.allclose(less, 0.75 * targets_of_them)


def test_targets_mix_labels_and_votes(tables: Path) -> None:
    faces, votes = read_source(tables), read_votes(tables / "fer2013new.csv")
    mixed = targets(faces, votes, 0.5)
    labels = targets(faces, None, 0.5)
    assert np.allclose(mixed.sum(axis=1), 1)
    assert (labels.argmax(axis=1) == faces.label).all()
    # Row 0: labelled angry; 4 neutral, 1 sad, 3 angry, 2 disgust of ten.
    assert mixed[0] == pytest.approx([0.5 + 0.15, 0.1, 0, 0, 0.05, 0, 0.2])
