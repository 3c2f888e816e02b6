"""Recipes are what `fit` takes, cover what is shipped, and are carried out step by step."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fer_edge.models import shipped_models
from tests.conftest import ROOT
from train.detector.settings import DetectorSettings
from train.emotion.settings import Settings
from train.errors import DatasetError, RunError
from train.recipes.making import Workplace, command_of, make, plan
from train.recipes.recipe import names, read_recipe
from train.run.files import read_json, write_json
from train.run.folder import RunFolder

SMALL = """
[[step]]
do = "fit"
run = "small"
network = "lenet"
data = "fer2013"
votes = "ferplus"
[step.set]
"training.epochs" = 1
"training.batch" = 64

[[step]]
do = "calibrate"
run = "small"
data = "fer2013"
votes = "ferplus"
"""
FIT = '[[step]]\ndo = "fit"\nrun = "a"\nnetwork = "lenet"\ndata = "fer2013"\n'
CALIBRATE = '[[step]]\ndo = "calibrate"\nrun = "a"\ndata = "fer2013"\n'
CONVERT = '[[step]]\ndo = "convert"\nrun = "a"\n'


@pytest.mark.parametrize("name", names())
def test_settings_of_all_steps_are_allowed(name: str) -> None:
    for step in read_recipe(name):
        settings = dict(step.says.get("set", {}))
        if "teachers" in step.says:
            settings = {"distillation.views": 16, "distillation.teachers": ("x",), **settings}
        if step.do == "fit":
            made = Settings.of(step.says["network"], settings)
            assert made.training.epochs == settings["training.epochs"], "estimates need it"
            assert bool(made.distillation.teachers) == bool(step.says.get("teachers"))
        elif step.do == "detect":
            DetectorSettings.of(settings)


def test_each_shipped_model_and_each_row_has_a_recipe() -> None:
    made = {Path(step.says.get("out", "")).stem for name in names() for step in read_recipe(name)}
    runs = {step.run.split("/")[0] for name in names() for step in read_recipe(name)}
    assert set(shipped_models()) <= made
    table = (ROOT / "docs" / "results.md").read_text("utf-8")
    commands = re.findall(r"`python -m train fit .* --run runs/(\S+)", table)
    assert commands
    assert {run.rstrip("`") for run in commands} <= runs


def test_steps_come_after_what_they_need() -> None:
    done: list[str] = []
    for step in read_recipe("nano"):
        assert {one.name for one in step.needs} <= set(done)
        done.append(step.name)
    assert done[-3:] == ["fit nano", "calibrate nano/people", "convert nano.tflite"]
    assert done.index("refit edge1") < done.index("fit tied-nano1")
    assert len(done) == len(set(done))


def test_commands_are_those_of_the_commands(tmp_path: Path) -> None:
    for name in ("fer2013.csv", "fer2013new.csv"):
        (tmp_path / name).touch()
    place = Workplace(Path("runs"), (tmp_path,))
    (step,) = (one for one in read_recipe("edge") if one.name == "fit tied2")
    words = command_of(step, place)
    assert words[:5] == ["python", "-m", "train", "fit", "tied_edge"]
    assert words[words.index("--teachers") + 1 :][:3] == [
        *("runs/labels-a", "runs/labels-b", "runs/edge1"),
    ]
    assert "network.two_heads=true" in words
    assert "network.weights=runs/tied1/model.keras" in words
    assert command_of(step, place, resume=True)[3:] == ["fit", "--resume", "runs/tied2"]
    with pytest.raises(DatasetError, match=r"faces_detection\.zip is not in .*add --files"):
        command_of(read_recipe("face-detector")[0], place)


def test_a_fit_may_learn_from_faces_without_labels(tmp_path: Path) -> None:
    for name in ("fer2013.csv", "faces_detection.zip"):
        (tmp_path / name).touch()
    path = tmp_path / "beside.toml"
    fit = 'do = "fit"\nnetwork = "lenet"\ndata = "fer2013"\n'
    beside = 'run = "b"\nteachers = ["a"]\nunlabelled = "faces"\n'
    path.write_text(f'[[step]]\n{fit}run = "a"\n[[step]]\n{fit}{beside}')
    words = command_of(read_recipe(str(path))[1], Workplace(Path("runs"), (tmp_path,)))
    assert words[words.index("--unlabelled") + 1] == str(tmp_path / "faces_detection.zip")
    assert words[words.index("--teachers") + 1] == "runs/a"
    path.write_text(f'[[step]]\n{fit}run = "a"\nunlabelled = "some.zip"')
    with pytest.raises(RunError, match="unlabelled is one of fer2013"):
        read_recipe(str(path))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"one \[\[step\]\] or more"),
        ("[[step]", "cannot be read"),
        ('[[step]]\ndo = "bake"\nrun = "a"', "a step's do is one of fit"),
        ('[[step]]\ndo = "fit"\nrun = "a"\nspeed = 1', "missing data, network, unknown speed"),
        ('[[step]]\ndo = "convert"\nrun = "a"', "no step before it makes the run a"),
        (f'uses = ["nothing"]\n{FIT}', "no recipe is called nothing"),
        ("uses = 5", "uses is a list of names"),
        ("step = [1]", r"one \[\[step\]\] or more"),
        ('[[step]]\ndo = ["fit"]', r"a step's do is one of .*, got \['fit'\]"),
        ("speed = 1", "expected uses and steps, got speed"),
        (f'{FIT}teachers = "a"', "teachers is a list of runs, got 'a'"),
        (f"{FIT}set = 3", "set is a table, got 3"),
        (f"{FIT}votes = 3", "votes is a text, got 3"),
        (f'{FIT}votes = "x.csv"', "votes is one of fer2013, .*, got 'x.csv'"),
        (FIT.replace('"a"', '"../a"'), "run is a name in the folder of runs, got '../a'"),
        (f'{FIT}{CONVERT}out = "/a.tflite"', "out is a name in the folder of runs"),
        (f"{FIT}{CONVERT}{CONVERT}", "convert a stands there twice"),
        (f"{FIT}{CALIBRATE}truth = 'votes'", "truth is one of fer2013, ferplus, got 'votes'"),
    ],
)
def test_wrong_recipes_are_told_of(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(text)
    with pytest.raises(RunError, match=message):
        read_recipe(str(path))


def test_it_is_made_once_and_goes_on(
    tables: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "small.toml"
    path.write_text(SMALL)
    steps, place = read_recipe(str(path)), Workplace(tmp_path / "runs", (tables,))
    assert plan(steps, place) == [
        "fit small: to do, its time is unknown",
        "calibrate small: to do, about 1 minute",
    ]
    make(steps, place)
    run = RunFolder(tmp_path / "runs" / "small")
    assert read_json(run.card_file)["temperature"] != 1
    capfd.readouterr()
    make(steps, place)
    assert capfd.readouterr().out.count("done before") == 2
    # Stopped before its end; beside a folder that cannot be read:
    run.model_file.unlink()
    (tmp_path / "runs" / "damaged").mkdir()
    for file in ("run.json", "history.json"):
        (tmp_path / "runs" / "damaged" / file).write_text("[")
    assert plan(steps, place)[0].startswith("fit small: begun, about 0 minutes")
    # With other settings it is another step, whose run is not in the folder:
    path.write_text(SMALL.replace("= 1\n", "= 2\n"))
    with pytest.raises(RunError, match="was made by another recipe"):
        plan(read_recipe(str(path)), place)


def test_folds_are_one_step(tmp_path: Path) -> None:
    """Their run folder has no network of its own, and each of them takes its time."""
    fit = read_recipe("ckplus_cnn")[0]
    place, run = Workplace(tmp_path, (tmp_path,)), tmp_path / "ckplus_cnn"
    settings = {"network": {"name": "ckplus_cnn"}, "training": {"precision": "float32"}}
    (run / "fold-1").mkdir(parents=True)
    write_json(run / "run.json", {"settings": settings})
    write_json(run / "fold-1" / "history.json", [{"seconds": 60.0}] * 40)
    place.record_file(fit).parent.mkdir()
    write_json(place.record_file(fit), {"digest": fit.digest, "state": "begun"})
    assert plan([fit], place) == ["fit ckplus_cnn: begun, about 2.7 hours"]
    write_json(place.record_file(fit), {"digest": fit.digest, "state": "done"})
    (run / "fold-1" / "model.keras").touch()
    assert plan([fit], place) == ["fit ckplus_cnn: done"]


def test_a_run_made_by_hand_is_not_taken_for_ones_own(tmp_path: Path) -> None:
    (tmp_path / "lenet").mkdir()
    write_json(tmp_path / "lenet" / "run.json", {"settings": {}})
    with pytest.raises(RunError, match="or by hand: remove it"):
        plan(read_recipe("lenet"), Workplace(tmp_path, (tmp_path,)))
