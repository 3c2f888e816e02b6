"""One trunk, two heads: people's votes and the dataset's labels, each a model of its own."""

from __future__ import annotations

import shutil
from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest

from convert.__main__ import main as convert
from fer_edge import EmotionClassifier
from train.commands import predict
from train.commands.measured import measure_and_print
from train.data.prepared import Prepared
from train.data.sources import Votes
from train.emotion.distillation.teacher import with_precision
from train.emotion.fit import fit
from train.emotion.measuring.calibration import calibrate
from train.emotion.measuring.inference import outputs_of
from train.emotion.run import EmotionRun
from train.emotion.run_files import RunFiles
from train.emotion.settings import HEADS, Settings
from train.emotion.training_model import network_of
from train.errors import DatasetError, RunError
from train.run.files import read_json
from train.run.network_file import load_network

QUICK = {
    "training.epochs": 1,
    "training.batch": 32,
    "optimizer.ema": 0.5,
    "network.two_heads": True,
}


@pytest.fixture(scope="module")
def run(data: Prepared, votes: Votes, tmp_path_factory: pytest.TempPathFactory) -> EmotionRun:
    run = EmotionRun(tmp_path_factory.mktemp("runs") / "lenet")
    fit(Settings.of("lenet", QUICK), data, votes, run)
    return run


def test_each_head_becomes_a_run_and_a_model(
    run: EmotionRun,
    data: Prepared,
    votes: Votes,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    measure_and_print(run, data.faces, votes)
    monkeypatch.setattr(
        "sys.argv", ["convert", str(run.folder), "--largest-loss", "50", "--even-if-useless"]
    )
    assert convert() == 0
    told = capsys.readouterr().out
    faces = data.faces.only("PublicTest").images
    together = load_network(run.model_file)(faces.astype(np.float32), training=False)
    for name, said in zip(HEADS, together, strict=True):
        assert f"the head for {name}:" in told
        part = run.head(name)
        alone = outputs_of(load_network(part.model_file), faces)
        np.testing.assert_allclose(alone, np.asarray(said), atol=1e-4)
        assert part.read_settings().network.head == name
        assert part.report_file.exists()
        assert set(read_json(part.evaluation_file)["PublicTest"]) == {"fer2013", "ferplus"}
        made = EmotionClassifier(part.folder / "lenet.tflite").card.origin["settings"]
        assert made["network"]["head"] == name
    monkeypatch.setattr("sys.argv", ["convert", str(run.folder), "--out", str(run.folder / "x")])
    assert convert() == 1
    assert "holds several runs (labels, people)" in capsys.readouterr().err
    monkeypatch.setattr("sys.argv", ["convert", str(run.folder.parent)])
    assert convert() == 1
    assert "is missing" in capsys.readouterr().err
    people, labels = (np.asarray(one) for one in together)
    assert np.abs(people - labels).mean() > 0.01


def test_two_heads_learn_what_two_heads_say(
    run: EmotionRun, data: Prepared, votes: Votes, tmp_path: Path
) -> None:
    taught = {
        **QUICK,
        "distillation.teachers": ("x",),
        "distillation.weight": 1.0,
        "distillation.views": 1,
    }
    student = EmotionRun(tmp_path / "student")
    fit(Settings.of("lenet", taught), data, votes, student, RunFiles(teacher_folders=(run.folder,)))
    said = np.load(next(student.soft_targets_folder.glob("view-*.npy")))
    assert said.shape == (2, 384, 7)


def test_a_teacher_of_one_head_teaches_what_it_was_asked(
    run: EmotionRun, data: Prepared, votes: Votes, tmp_path: Path
) -> None:
    taught = {
        **QUICK,
        "distillation.teachers": ("x",),
        "distillation.weight": 1.0,
        "distillation.views": 1,
    }
    student = EmotionRun(tmp_path / "student")
    fit(
        Settings.of("lenet", taught),
        data,
        votes,
        student,
        RunFiles(teacher_folders=(run.head("labels").folder,)),
    )
    people, labels = np.load(next(student.soft_targets_folder.glob("view-*.npy")))
    assert np.isnan(people).all()
    assert labels.sum(axis=1) == pytest.approx(1, abs=0.01)
    mixed = EmotionRun(tmp_path / "mixed")
    half = {**QUICK, "network.two_heads": False, "targets.votes_weight": 0.5}
    fit(Settings.of("lenet", half), data, votes, mixed)
    with pytest.raises(RunError, match="cannot teach either of two heads: it has learned a mix"):
        fit(
            Settings.of("lenet", taught),
            data,
            votes,
            EmotionRun(tmp_path / "other"),
            RunFiles(teacher_folders=(mixed.folder,)),
        )


def test_two_heads_need_votes_and_a_network_without_others(data: Prepared, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="add --votes"):
        fit(Settings.of("lenet", QUICK), data, None, EmotionRun(tmp_path / "none"))
    with pytest.raises(RunError, match="googlenet has auxiliary heads"):
        network_of(Settings.of("googlenet", QUICK), 7)
    with pytest.raises(RunError, match="cannot be cross-validated"):
        Settings.of("lenet", {**QUICK, "data.folds": 3})


def test_where_one_answer_is_wanted_a_head_must_be_named(
    run: EmotionRun, data: Prepared, votes: Votes, portrait: Path, tmp_path: Path
) -> None:
    with pytest.raises(RunError, match=r"two heads; name one of .*people and .*labels"):
        calibrate(run, data.faces, votes, "ferplus")
    with pytest.raises(RunError, match="two heads"):
        predict.run(
            Namespace(run=run.folder, pictures=[portrait], detector="face-detector", whole=True)
        )
    people = EmotionRun(tmp_path / "people")
    shutil.copytree(run.head("people").folder, people.folder)
    calibrate(people, data.faces, votes, "ferplus")


def test_a_teacher_computes_as_its_student_does() -> None:
    network = network_of(Settings.of("nano", {}), 7)
    rounded = with_precision("mixed_bfloat16", network)
    assert {layer.compute_dtype for layer in rounded.layers[1:-1]} == {"bfloat16"}
    pixels = np.random.default_rng(0).uniform(0, 255, (8, 48, 48, 1)).astype(np.float32)
    before, after = (np.asarray(each(pixels, training=False)) for each in (network, rounded))
    assert after.dtype == np.float32
    assert 0 < np.abs(before - after).max() < 0.05 * np.abs(before).max()
