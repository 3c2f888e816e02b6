"""What commands answer before they have anything to compute, and what stands on stderr."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from tests.called import called
from tests.conftest import ROOT
from train.__main__ import main
from train.run.files import read_json

HELP = """
import runpy, sys, time
sys.argv = sys.argv[1:]
try:
    runpy.run_module(sys.argv[0], run_name="__main__")
except SystemExit as stop:
    assert not stop.code, stop.code
heavy = {"tensorflow", "keras", "torch", "sklearn", "scipy", "pandas", "matplotlib"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
print("seconds", time.process_time())
"""


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=300)


@pytest.mark.parametrize(
    "words",
    [
        ["train", "--help"],
        ["train", "fit", "--help"],
        ["train", "make"],
        ["train", "detector", "fit", "--help"],
        ["convert", "--help"],
    ],
)
def test_help_comes_at_once(words: list[str]) -> None:
    """Without Keras; seconds are the process's own, which a busy machine does not change."""
    done = run("-c", HELP, *words)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert float(done.stdout.split()[-1]) < 1.5


MISSING = """
import runpy, sys
missing, sys.argv = sys.argv[1], sys.argv[2:]
sys.modules[missing] = None  # As if it were not installed.
runpy.run_module(sys.argv[0], run_name="__main__")
"""


@pytest.mark.parametrize("missing", ["cv2", "keras", "tensorflow"])
@pytest.mark.parametrize(
    "words", [["train", "fit", "lenet", "--data", "x", "--run", "y"], ["convert", "RUN"]]
)
def test_what_is_missing_is_said_in_one_line(
    missing: str, words: list[str], tmp_path: Path
) -> None:
    (tmp_path / "card.json").write_text("{}")
    words = [str(tmp_path) if word == "RUN" else word for word in words]
    done = run("-c", MISSING, missing, *words)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert missing in done.stderr
    assert "pip install" in done.stderr


@pytest.mark.parametrize(
    "words", [["train", "fit", "lenet", "--data", "x", "--run", "y"], ["convert", "RUN"]]
)
def test_an_unknown_backend_is_said_in_one_line(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "card.json").write_text("{}")
    monkeypatch.setenv("KERAS_BACKEND", "tensorflux")
    done = run("-m", *(str(tmp_path) if word == "RUN" else word for word in words))
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "KERAS_BACKEND" in done.stderr


def test_fit_shows_the_handful_that_people_turn() -> None:
    told = run("-m", "train", "fit", "--help").stdout
    for option in ("data", "votes", "run", "epochs", "batch", "seed", "precision", "teachers"):
        assert f"--{option} " in told
    assert "--set GROUP.NAME=VALUE" in told
    assert "learning" not in told
    settings = run("-m", "train", "fit", "edge", "--set", "help")
    assert settings.stderr == "", "Keras's backend tells no news"
    lines = settings.stdout.splitlines()
    assert any(line.startswith("optimizer.learning_rate=0.1  the peak") for line in lines)
    assert any(line.startswith("network.dropout=0.1 ") for line in lines), "edge's own"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["prepare", "--data", "DATA", "--cache", "FILE/cache"], "cannot be written"),
        (["make", "cake"], "no recipe is called cake; there are: architectures"),
        (["make", "edge", "--runs", "RUNS"], "is not in data: add --files FOLDER"),
        (["compare", "RUNS"], "run.json is missing"),
        (["fit", "edge", "--data", "DATA", "--set", "network.name=lenet"], "is named by NETWORK"),
        (["fit", "edge", "--data", "DATA", "--set", "network.head=people"], "network.two_heads"),
        (["priors", "nano", "--data", "DATA", "--chart", "RUNS"], "a chart's name ends in"),
        (["priors", "nano", "--data", "DATA", "--out", "DATA"], "is not replaced: name another"),
        (["priors", "face-detector", "--data", "RUNS"], "expected an emotion model"),
        (["average", "RUNS", "RUNS", "RUNS"], "run.json is missing"),
        (["robustness", "", "--data", "DATA"], "no model at an empty name"),
        (["steadiness", "", "--data", "DATA"], "no model at an empty name"),
    ],
)
def test_errors_are_one_line(words: list[str], message: str, tables: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    places = {"DATA": str(tables / "fer2013.csv"), "RUNS": str(tmp_path / "runs")}
    given = [places.get(word, word.replace("FILE", str(tmp_path / "file"))) for word in words]
    done = called(main, *given)
    assert done.returncode == 1
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr


def test_what_is_named_twice_is_a_wrong_command_line(tables: Path) -> None:
    data = str(tables / "fer2013.csv")
    for words in (["steadiness", "nano", "nano", "--data", data], ["compare", "a", "a"]):
        done = called(main, *words)
        assert done.returncode == 2
        assert "is named more than once" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["average", "", "a", "b"],
        ["mix", "", "--data", "x"],
        ["fit", "edge", "--data", ""],
        ["fit", "edge", "--data", "x", "--unlabelled", ""],
        ["fit", "edge", "--data", "x", "--run", ""],
        ["fit", "--resume", ""],
        ["teachers", "", "--data", "x"],
        ["priors", "edge", "--data", "x", "--chart", ""],
        ["evaluate", "a", "--data", "x", "--votes", ""],
        ["make", "edge", "--runs", ""],
        ["detector", "fit", "--data", ""],
        ["detector", "evaluate", "face-detector", "--data", "x", "--yunet", ""],
        ["detector", "near", "face-detector", "--data", ""],
    ],
)
def test_an_empty_name_is_not_the_current_folder(words: list[str]) -> None:
    done = called(main, *words)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "expected a name, got an empty one" in line


def test_a_wrong_yunet_is_told_before_pictures_are_read(tmp_path: Path) -> None:
    yunet = tmp_path / "yunet.onnx"
    words = ("face-detector", "--data", tmp_path / "nowhere.zip", "--yunet", yunet)
    for content in (None, b"no network"):
        if content:
            yunet.write_bytes(content)
        done = called(main, "detector", "evaluate", *words)
        assert done.returncode == 1
        (line,) = done.stderr.splitlines()
        assert str(yunet) in line


def test_data_that_a_run_did_not_learn_from_are_told(tables: Path, tmp_path: Path) -> None:
    """They may be the same faces in another file, so it is a warning."""
    run, cache = tmp_path / "run", ("--cache", tmp_path / "cache")
    data = ("--data", tables / "fer2013.csv")
    done = called(main, "fit", "lenet", *data, *cache, "--run", run, "--epochs", "1")
    assert done.returncode == 0, done.stderr
    assert "from other data" not in called(main, "evaluate", run, *data, *cache).stderr
    other = tmp_path / "other.csv"
    other.write_text((tables / "fer2013.csv").read_text("utf-8").rstrip("\n"), "utf-8")
    for command in ("evaluate", "calibrate", "refit"):
        done = called(main, command, run, "--data", other, *cache)
        assert done.returncode == 0, done.stderr
        assert "did not learn from other.csv, but from other data" in done.stderr
    done = called(main, "calibrate", run, "--data", other, "--power", "0.3", *cache)
    assert "power of the priors 0.3" in done.stdout
    assert read_json(run / "card.json")["priors_power"] == 0.3
    for wrong in ("1.5", "-0.1", "nan", "x"):
        done = called(main, "calibrate", run, "--data", other, f"--power={wrong}", *cache)
        assert "expected a number from 0 to 1, got" in done.stderr


def test_private_test_chooses_nothing(tmp_path: Path) -> None:
    """Whatever there is to choose by has its faces refused, before anything is read."""
    choosing = ["calibrate", "evaluate", "fit", "framing", "mix", "predict", "prepare", "priors"]
    choosing += ["refit", "robustness", "teachers"]
    for command in choosing:
        done = called(main, command, "edge", "--data", "DATA", "--split", "PrivateTest")
        assert done.returncode == 2, command
        assert len(done.stderr.splitlines()) == 1, done.stderr
    told = called(main, "robustness", "edge", "--data", "DATA", "--split", "PrivateTest").stderr
    assert "only evaluate --final, compare, convert and priors --out measure on PrivateTest" in told
    assert "run.json is missing" in called(main, "compare", tmp_path, "--split=PrivateTest").stderr


def test_five_networks_are_no_retracing(monkeypatch: pytest.MonkeyPatch) -> None:
    """TensorFlow takes their `predict` for one function, and warns of it."""
    called(main, "compare", "nowhere")
    told: list[str] = []
    handler = logging.Handler()
    monkeypatch.setattr(handler, "emit", lambda record: told.append(record.getMessage()))
    log = logging.getLogger("tensorflow")
    log.addHandler(handler)
    try:
        log.warning("5 out of the last 5 calls to %s triggered tf.function retracing.", "f")
        log.warning("something else")
    finally:
        log.removeHandler(handler)
    assert told == ["something else"]
