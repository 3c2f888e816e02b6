"""What `evaluate`, `compare` and `predict` make of a run."""

from __future__ import annotations

import dataclasses
import re
import shutil
from pathlib import Path

import cv2
import keras
import numpy as np
import pytest
from sklearn.metrics import accuracy_score

from fer_edge.errors import PictureError
from tests.called import called
from tests.conftest import ROOT
from tests.train.emotion.quick_settings import SMALL_BATCHES as QUICK
from train.__main__ import main
from train.commands import predict as predict_command
from train.data.faces import SPLITS
from train.data.hashes import hash_of
from train.data.prepared import Prepared
from train.emotion.evaluate import answers_of, evaluate
from train.emotion.fit import fit
from train.emotion.report.compared_run import compared_run
from train.emotion.report.comparison import table, write_comparison
from train.emotion.run import EmotionRun
from train.emotion.settings import Settings
from train.errors import RunError
from train.networks import find_network
from train.run.files import read_json, write_json


@pytest.fixture(scope="module")
def run(data: Prepared, tmp_path_factory: pytest.TempPathFactory) -> EmotionRun:
    """A LeNet after two epochs, evaluated; with TensorBoard's logs."""
    folder = EmotionRun(tmp_path_factory.mktemp("runs") / "small")
    choices = {**QUICK, "training.epochs": 2, "training.tensorboard": True}
    fit(Settings.of("lenet", choices), data, None, folder)
    evaluate(folder, data.faces, None, final=True)
    return folder


def test_the_report_is_one_page_with_everything_in_it(run: EmotionRun) -> None:
    page = run.report_file.read_text("utf-8")
    assert not re.search(r"(src|href)=\"(?!data:)", page), "nothing that lies elsewhere"
    for name in ("samples", "class-counts", "curves", "confusion-", "per-class-", "reliability-"):
        assert f'alt="{name}' in page
        assert list(run.folder.glob(f"{name}*.png"))
    assert 'alt="right-PrivateTest' in page
    assert 'alt="wrong-PrivateTest' in page
    assert "python -m train" in page
    assert "multiply-adds a picture" in page
    assert "keras" in page
    for label in ("angry", "neutral", "dense120"):
        assert label in page


def test_evaluation_and_summary_hold_what_the_report_shows(run: EmotionRun, data: Prepared) -> None:
    results = read_json(run.evaluation_file)
    assert set(results) == {"Training", "PublicTest", "PrivateTest"}
    tested = answers_of(run, data.faces, None, SPLITS)["PrivateTest", "labels"]
    figures = results["PrivateTest"]["labels"]
    assert figures["accuracy"] == pytest.approx(accuracy_score(tested.expected, tested.said))
    likelihoods = tested.probabilities[np.arange(len(tested.expected)), tested.expected]
    assert figures["loss"] == pytest.approx(-np.log(likelihoods).mean(), rel=1e-4)
    assert (
        read_json(run.summary_file)["parameters"]
        == keras.saving.load_model(run.model_file).count_params()
    )


def test_tensorboard_has_its_logs(run: EmotionRun) -> None:
    assert list(run.tensorboard_folder.rglob("events.out.tfevents.*"))


def test_runs_are_compared_in_a_table_and_a_page(run: EmotionRun, tmp_path: Path) -> None:
    one = compared_run(run)
    frame = table([one, one])
    assert frame["network"].tolist() == ["small (lenet)"] * 2
    # Others' figures of LeNet are of FER2013, and these faces are not.
    assert frame["reported test"][0] == ""
    measured_alike = dataclasses.replace(one, reported=find_network("lenet").reported)
    assert table([measured_alike])["reported test"][0] == "46.90%"
    assert (
        frame["test"][0]
        == f"{read_json(run.evaluation_file)['PrivateTest']['labels']['accuracy']:.2%}"
    )
    assert frame["int8 test"][0] == ""
    files = write_comparison([one, one], tmp_path / "deeper" / "page.md")
    page = files[0].read_text("utf-8")
    assert all(f"({file.name})" in page for file in files[1:])
    assert "lenet" in page
    assert "Test is PrivateTest" in page
    public = compared_run(run, "PublicTest")
    told = read_json(run.evaluation_file)["PublicTest"]["labels"]
    assert table([public])["test"][0] == f"{told['accuracy']:.2%}"
    assert table([public])["test loss"][0] == f"{told['loss']:.3f}"
    assert "Test is PublicTest" in write_comparison([public], tmp_path / "page.md")[0].read_text()
    with pytest.raises(RunError, match=r"run\.json is missing"):
        compared_run(EmotionRun(tmp_path))


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("evaluation.json", [1], "is damaged: expected accuracy and loss"),
        ("evaluation.json", {"PrivateTest": 3}, "is damaged: expected accuracy and loss"),
        ("evaluation.json", {"PrivateTest": {"labels": 3}}, "expected accuracy and loss"),
        (
            "evaluation.json",
            {"PrivateTest": {"labels": {"accuracy": "high", "loss": 1}}},
            "is damaged: expected accuracy and loss",
        ),
        ("evaluation.json", {"PrivateTest": {}}, "has no labelled PrivateTest faces"),
        ("summary.json", None, "is damaged: expected parameters and multiply_adds"),
        ("summary.json", {"parameters": 1}, "is damaged: expected parameters"),
        ("summary.json", {"parameters": 1, "multiply_adds": "2"}, "is damaged: expected"),
        ("int8.json", [], "convert the run again"),
        ("int8.json", {"accuracy": {"PrivateTest": {}}, "bytes": 1}, "convert the run again"),
        ("int8.json", {"accuracy": {"PrivateTest": {"labels": 1}}}, "convert the run again"),
        (
            "int8.json",
            {"accuracy": {"PrivateTest": {"labels": 1}}, "bytes": 1, "file": 5},
            "convert the run again",
        ),
        ("history.json", {}, "has no row for each epoch"),
    ],
)
def test_a_damaged_file_of_a_run_is_named(
    run: EmotionRun, tmp_path: Path, file: str, content: object, message: str
) -> None:
    one = tmp_path / "one"
    shutil.copytree(run.folder, one)
    write_json(one / file, content)
    done = called(main, "compare", one, "--out", tmp_path / "page.md")
    assert done.returncode == 1
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert not list(tmp_path.glob("page*"))


@pytest.mark.parametrize(("file", "name"), [("run.json", "command"), ("card.json", "origin")])
def test_what_a_run_does_not_say_is_named(
    run: EmotionRun, tmp_path: Path, file: str, name: str
) -> None:
    one = EmotionRun(tmp_path / "one")
    shutil.copytree(run.folder, one.folder)
    said = read_json(one.folder / file)
    write_json(one.folder / file, {**said, name: {}})
    with pytest.raises(RunError, match=rf"{file} is damaged: it does not"):
        compared_run(one)


def test_a_run_that_goes_on_from_another_tells_both_commands(
    run: EmotionRun, tmp_path: Path
) -> None:
    before, after = (EmotionRun(tmp_path / name) for name in ("before", "after"))
    for one in (before, after):
        shutil.copytree(run.folder, one.folder)
    made = read_json(before.run_file)
    write_json(before.run_file, {**made, "command": "first"})
    network = {**made["settings"]["network"], "weights": hash_of(before.model_file)}
    settings = {**made["settings"], "network": network}
    write_json(after.run_file, {**made, "settings": settings, "command": "second"})
    assert compared_run(before).commands == ["first"]
    assert compared_run(after).commands == ["first", "second"]
    network["weights"] = "0" * 64
    write_json(after.run_file, {**made, "settings": settings, "command": "second"})
    assert compared_run(after).commands == ["second"]


def test_predict_reads_faces_in_new_pictures(
    run: EmotionRun, portrait: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from argparse import Namespace

    asked = Namespace(run=run.folder, pictures=[portrait], detector="face-detector", whole=False)
    predict_command.run(asked)
    heading, line = capsys.readouterr().out.splitlines()
    assert heading.split()[2:] == list(run.read_card().labels)
    shares = [float(share) for share in re.findall(r"([\d.]+)%", line)]
    assert sum(shares) == pytest.approx(100, abs=0.5)
    assert re.search(r"\d+x\d+ at \d+,\d+", line)
    asked.pictures, asked.whole = [ROOT / "README.md", portrait], True
    with pytest.raises(PictureError, match=r"README\.md"):
        predict_command.run(asked)
    assert "whole picture" in capsys.readouterr().out


def test_predict_takes_no_picture_for_a_face_unasked(
    run: EmotionRun, portrait: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from argparse import Namespace

    empty = tmp_path / "empty.png"
    cv2.imwrite(str(empty), np.full((200, 300), 120, np.uint8))
    asked = Namespace(
        run=run.folder, pictures=[empty, portrait], detector="face-detector", whole=False
    )
    with pytest.raises(PictureError, match=r"empty\.png: no face found; --whole"):
        predict_command.run(asked)
    told = capsys.readouterr().out
    assert "empty.png" not in told
    assert portrait.name in told
