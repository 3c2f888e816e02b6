"""Recipes are what `fit` takes, cover what is shipped, and are refused where they are wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fer_edge.models import shipped_models
from tests.conftest import ROOT
from tests.train.recipes.recipe_steps import CALIBRATE, CONVERT, DETECT, FIT
from train.detector.settings import DetectorSettings
from train.emotion.settings import Settings
from train.errors import DatasetError, RunError
from train.recipes.making import Workplace, command_of, plan
from train.recipes.recipe import names, read_recipe

FAST = '[[step]]\ndo = "detect"\nrun = "b"\ndata = "x.zip"\n'
OUTPUTS = 'set = { "distillation.outputs" = 1.0 }\n'


@pytest.mark.parametrize("name", names())
def test_settings_of_all_steps_are_allowed(name: str) -> None:
    for step in read_recipe(name):
        settings = dict(step.says.get("set", {}))
        if "teachers" in step.says:
            settings = {"distillation.views": 16, "distillation.teachers": ("x",), **settings}
        if "taught_by" in step.says:
            settings["distillation.network"] = step.says["taught_by"]
        if step.do == "fit":
            made = Settings.of(step.says["network"], settings)
            assert made.training.epochs == settings["training.epochs"], "estimates need it"
            assert bool(made.distillation.teachers) == bool(step.says.get("teachers"))
        elif step.do == "detect":
            DetectorSettings.of(settings)


@pytest.mark.parametrize("name", names())
def test_each_can_be_planned(name: str, tmp_path: Path) -> None:
    steps = read_recipe(name)
    assert [line.split(": ")[0] for line in plan(steps, Workplace(tmp_path, ()))] == [
        step.name for step in steps
    ]


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
    converted = command_of(read_recipe("face-detector")[-1], place)
    assert converted[converted.index("--largest-loss") + 1] == "3"


def test_a_fit_may_learn_from_faces_without_labels(tmp_path: Path) -> None:
    for name in ("fer2013.csv", "faces_detection.zip"):
        (tmp_path / name).touch()
    path = tmp_path / "beside.toml"
    fit = 'do = "fit"\nnetwork = "lenet"\ndata = "fer2013.*"\n'
    beside = 'run = "b"\nteachers = ["a"]\nunlabelled = "faces_detection.zip"\n'
    path.write_text(f'[[step]]\n{fit}run = "a"\n[[step]]\n{fit}{beside}')
    words = command_of(read_recipe(str(path))[1], Workplace(Path("runs"), (tmp_path,)))
    assert words[words.index("--unlabelled") + 1] == str(tmp_path / "faces_detection.zip")
    assert words[words.index("--teachers") + 1] == "runs/a"


def test_a_detector_may_be_taught_by_another(tmp_path: Path) -> None:
    (tmp_path / "x.zip").touch()
    path = tmp_path / "taught.toml"
    student = '[[step]]\ndo = "detect"\nrun = "b"\ndata = "x.zip"\ntaught_by = "a"\n'
    path.write_text(f'{DETECT}{student}set = {{ "distillation.outputs" = 1.0 }}\n')
    first, second = read_recipe(str(path))
    words = command_of(second, Workplace(Path("runs"), (tmp_path,)))
    assert "distillation.network=runs/a/model.keras" in words
    assert second.needs == (first,)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"one \[\[step\]\] or more"),
        ("[[step]", "cannot be read"),
        ('[[step]]\ndo = "bake"\nrun = "a"', "step 1: do is one of fit"),
        ('[[step]]\ndo = "fit"\nrun = "a"', "fit has the keys network, run, data, .* got run"),
        (f"{FIT}speed = 1", r"fit has the keys .*\[set\], .* got run, network, data, speed"),
        ('[[step]]\ndo = "convert"\nrun = "a"', "no step before it makes the run a"),
        (f'uses = ["nothing"]\n{FIT}', "no recipe is called nothing"),
        ("uses = 5", "expected uses, a list of recipes"),
        ("step = [1]", r"one \[\[step\]\] or more"),
        ('[[step]]\ndo = ["fit"]', r"do is one of .*, got \['fit'\]"),
        ("speed = 1", "expected uses, a list"),
        (f"{FIT}teachers = 'a'", "step 1: teachers is a list of runs; got 'a'"),
        (f"{FIT}teachers = [1]", "teachers must be a list of texts"),
        (f"{FIT}set = 3", "set is a table; got 3"),
        (f"{FIT}votes = 3", "votes is a text; got 3"),
        (f"{FIT}votes = ''", "votes is a text; got ''"),
        (FIT.replace('"a"', '"../a"'), "run is a name, or RUN/HEAD; got '../a'"),
        (FIT.replace("lenet", "lenett"), "network is one of basic_cnn, .*; got 'lenett'"),
        (f'{FIT}{CONVERT}out = "/a.tflite"', "out is a name"),
        (f"{FIT}{CONVERT}largest_loss = 3", "largest_loss is a number in quotes; got 3"),
        (f"{FIT}{CONVERT}largest_loss = 'x'", "largest_loss is a number in quotes; got 'x'"),
        (f"{FIT}{CONVERT}{CONVERT}", "step 3: convert a stands there twice"),
        (f"{FIT}{CALIBRATE}truth = 'votes'", "truth is labels or ferplus; got 'votes'"),
        (f"{FIT}set = {{speed = 1}}", "step 1: no setting is called speed; there are"),
        (f"{FIT}set = {{'training.epochs' = 0}}", r"training.epochs must be 1\.\.100000, got 0"),
        (f"{FIT}set = {{'training.epochs' = 1.5}}", "training.epochs must be like 60, got 1.5"),
        (f"{FIT}set = {{'data.classes' = [1, 2]}}", "data.classes must be a list of texts"),
        (f"{FIT}set = {{'targets.votes_weight' = 0.5}}", "no votes: add --votes"),
        (f"{FIT}set = {{'distillation.views' = 4}}", "no teachers: add --teachers"),
        (f"{FIT}set = {{'network.weights' = 'no.pth'}}", "no.pth does not exist"),
        (
            f'{DETECT}{FAST}taught_by = "a"\nset = {{ "distillation.network" = "x", '
            '"distillation.outputs" = 1.0 }',
            "taught_by and distillation.network say the same",
        ),
        (
            f'{FIT}{FAST}taught_by = "a"\n{OUTPUTS}',
            "taught_by is a run of face-detector; a is one of lenet",
        ),
        (
            f'{DETECT}{FAST}set = {{ "network.name" = "face-detector-fast" }}\n'
            f'{FAST.replace("b", "c")}taught_by = "b"\n{OUTPUTS}',
            "b is one of face-detector-fast",
        ),
        (f'{DETECT}{FAST}taught_by = "a/b"\n{OUTPUTS}', "taught_by is a name; got 'a/b'"),
        (
            f'{FAST}set = {{ "distillation.network" = ".", "distillation.outputs" = 1.0 }}',
            "does not exist, or is no file",
        ),
        (f"{DETECT}taught_by = 'a'", "distillation.network needs distillation.features or"),
        (
            DETECT.replace("training.side", "distillation.outputs"),
            "distillation.outputs needs distillation.network",
        ),
        (DETECT.replace("32", "33"), "training.side must be a multiple of 32, got 33"),
    ],
)
def test_wrong_recipes_are_told_of(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(text)
    with pytest.raises(RunError, match=message):
        read_recipe(str(path))


def test_the_recipe_of_the_docs_can_be_read(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "training.md").read_text("utf-8")
    (recipe,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    (tmp_path / "mine.toml").write_text(recipe)
    for name in (str(tmp_path / "mine.toml"), *names()):
        networks = {step.run: step.says.get("network") for step in read_recipe(name)}
        for step in read_recipe(name):
            start = networks.get(step.says.get("weights", ""))
            assert start in (None, step.says.get("network")), "weights of another network"


def test_recipes_that_are_used_agree(tmp_path: Path) -> None:
    for name, seed in (("one", 1), ("two", 2)):
        (tmp_path / f"{name}.toml").write_text(f"{FIT}set = {{'training.seed' = {seed}}}")
    files = [str(tmp_path / f"{name}.toml") for name in ("one", "two", "both")]
    Path(files[2]).write_text(f"uses = {files[:2]}\n{CONVERT}")
    with pytest.raises(RunError, match="uses two recipes whose fit a differ"):
        read_recipe(files[2])
    Path(files[2]).write_text(f"uses = {[files[0], files[0]]}\n{CONVERT}")
    assert [step.name for step in read_recipe(files[2])] == ["fit a", "convert a"]
