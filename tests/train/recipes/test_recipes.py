"""Recipes are what `fit` takes, cover what is shipped, and are carried out step by step."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from fer_edge.models import shipped_models
from tests.called import called
from tests.conftest import ROOT
from train.__main__ import main
from train.detector.settings import DetectorSettings
from train.emotion.settings import Settings
from train.errors import DatasetError, RunError
from train.recipes.making import Workplace, command_of, make, plan, state_of
from train.recipes.recipe import names, read_recipe
from train.run.files import read_json, write_json
from train.run.folder import RunFolder

SMALL = """
[[step]]
do = "fit"
run = "small"
network = "lenet"
data = "fer2013.*"
votes = "fer2013new.csv"
[step.set]
"training.epochs" = 1
"training.batch" = 64

[[step]]
do = "calibrate"
run = "small"
data = "fer2013.*"
votes = "fer2013new.csv"
"""
FIT = '[[step]]\ndo = "fit"\nrun = "a"\nnetwork = "lenet"\ndata = "fer2013.*"\n'
CALIBRATE = '[[step]]\ndo = "calibrate"\nrun = "a"\ndata = "fer2013.*"\n'
DETECT = '[[step]]\ndo = "detect"\nrun = "a"\ndata = "x.zip"\nset = {"training.side" = 32}\n'
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
        (f"{FIT}{CALIBRATE}truth = 'votes'", "truth is fer2013 or ferplus; got 'votes'"),
        (f"{FIT}set = {{speed = 1}}", "step 1: no setting is called speed; there are"),
        (f"{FIT}set = {{'training.epochs' = 0}}", r"training.epochs must be 1\.\.100000, got 0"),
        (f"{FIT}set = {{'training.epochs' = 1.5}}", "training.epochs must be like 60, got 1.5"),
        (f"{FIT}set = {{'data.classes' = [1, 2]}}", "data.classes must be a list of texts"),
        (f"{FIT}set = {{'targets.votes_weight' = 0.5}}", "no votes: add --votes"),
        (f"{FIT}set = {{'distillation.views' = 4}}", "no teachers: add --teachers"),
        (f"{FIT}set = {{'network.weights' = 'no.pth'}}", "no.pth does not exist"),
        (DETECT.replace("32", "33"), "training.side must be a multiple of 32, got 33"),
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
    write_json(run / "fold-1" / "history.json", [{"epoch": 1, "seconds": 60.0}] * 40)
    place.record_file(fit).parent.mkdir()
    write_json(place.record_file(fit), {"digest": fit.digest, "state": "begun"})
    assert plan([fit], place) == ["fit ckplus_cnn: begun, about 2.7 hours"]
    write_json(place.record_file(fit), {"digest": fit.digest, "state": "done"})
    (run / "fold-1" / "model.keras").touch()
    assert plan([fit], place) == ["fit ckplus_cnn: done"]


def test_what_was_done_with_an_older_run_is_done_again(tmp_path: Path) -> None:
    path, run = tmp_path / "small.toml", tmp_path / "small"
    path.write_text(SMALL)
    steps, place = read_recipe(str(path)), Workplace(tmp_path, (tmp_path,))
    run.mkdir()
    (tmp_path / ".steps").mkdir()
    for file in ("run.json", "model.keras"):
        (run / file).write_text("{}")
    for age, step in enumerate(steps[::-1]):
        write_json(place.record_file(step), {"digest": step.digest, "state": "done"})
        os.utime(place.record_file(step), (1000 - age, 1000 - age))
    assert [state_of(step, place) for step in steps] == ["done", "done"]
    os.utime(place.record_file(steps[0]), (2000, 2000))
    assert [state_of(step, place) for step in steps] == ["done", "to do"]
    (run / "model.keras").unlink()
    assert [state_of(step, place) for step in steps] == ["begun", "to do"]


def test_missing_data_are_told_before_the_first_step(
    tables: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """That of the last step, too."""
    path = tmp_path / "small.toml"
    path.write_text(f"{FIT}{CALIBRATE}votes = 'none.csv'\n")
    place = Workplace(tmp_path / "runs", (tables,))
    with pytest.raises(DatasetError, match=r"none\.csv is not in .*: add --files FOLDER"):
        make(read_recipe(str(path)), place)
    assert not place.runs_folder.exists()
    done = called(main, "make", path, "--dry-run", "--files", tables)
    assert done.returncode == 1
    assert done.stdout.splitlines()[1] == "calibrate a: to do, about 1 minute"
    assert done.stderr == f"train: none.csv is not in {tables}: add --files FOLDER\n"


def test_several_files_for_one_name_are_told(tmp_path: Path) -> None:
    """`fer2013.*` may match a half-finished download, too."""
    path = tmp_path / "a.toml"
    path.write_text(FIT)
    place = Workplace(tmp_path / "runs", (tmp_path,))
    for name in ("fer2013.csv", "fer2013.tar.xz"):
        (tmp_path / name).touch()
    with pytest.raises(DatasetError, match=r"can be fer2013\.csv or fer2013\.tar\.xz in "):
        make(read_recipe(str(path)), place)
    (tmp_path / "fer2013.csv").unlink()
    assert str(tmp_path / "fer2013.tar.xz") in command_of(read_recipe(str(path))[0], place)


def test_the_recipe_of_the_docs_can_be_read(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "training.md").read_text("utf-8")
    (recipe,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    (tmp_path / "mine.toml").write_text(recipe)
    for name in (str(tmp_path / "mine.toml"), *names()):
        networks = {step.run: step.says.get("network") for step in read_recipe(name)}
        for step in read_recipe(name):
            start = networks.get(step.says.get("weights", ""))
            assert start in (None, step.says.get("network")), "weights of another network"


def test_a_damaged_history_of_another_run_stops_no_estimate(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    settings = {"network": {"name": "lenet"}, "training": {"precision": "float32"}}
    write_json(tmp_path / "other" / "run.json", {"settings": settings})
    write_json(tmp_path / "other" / "history.json", [1])
    (tmp_path / "a.toml").write_text(f"{FIT}set = {{'training.epochs' = 5}}")
    lines = plan(read_recipe(str(tmp_path / "a.toml")), Workplace(tmp_path, (tmp_path,)))
    assert lines == ["fit a: to do, its time is unknown"]


def test_recipes_that_are_used_agree(tmp_path: Path) -> None:
    for name, seed in (("one", 1), ("two", 2)):
        (tmp_path / f"{name}.toml").write_text(f"{FIT}set = {{'training.seed' = {seed}}}")
    files = [str(tmp_path / f"{name}.toml") for name in ("one", "two", "both")]
    Path(files[2]).write_text(f"uses = {files[:2]}\n{CONVERT}")
    with pytest.raises(RunError, match="uses two recipes whose fit a differ"):
        read_recipe(files[2])
    Path(files[2]).write_text(f"uses = {[files[0], files[0]]}\n{CONVERT}")
    assert [step.name for step in read_recipe(files[2])] == ["fit a", "convert a"]


def test_a_run_made_by_hand_is_not_taken_for_ones_own(tmp_path: Path) -> None:
    (tmp_path / "lenet").mkdir()
    write_json(tmp_path / "lenet" / "run.json", {"settings": {}})
    with pytest.raises(RunError, match="or by hand: remove it"):
        plan(read_recipe("lenet"), Workplace(tmp_path, (tmp_path,)))


def test_a_mean_is_made_anew_and_a_mix_that_is_gone(tmp_path: Path) -> None:
    """What is gone is not done, whatever the record says."""
    recipe = tmp_path / "mixed.toml"
    mean = '[[step]]\ndo = "average"\nrun = "mean"\nruns = ["a", "b"]\n'
    mix = '[[step]]\ndo = "mix"\nrun = "mean"\ndata = "x.csv"\nvotes = "x.csv"\n'
    fits = FIT + FIT.replace('"a"', '"b"')
    recipe.write_text(f'{fits}{mean}{mix}{mix}truth = "fer2013"\n', "utf-8")
    *_, average, people, labels = read_recipe(str(recipe))
    (tmp_path / "x.csv").touch()
    place = Workplace(tmp_path / "runs", (tmp_path,))
    assert "--replace" in command_of(average, place)
    for step, name in ((average, "."), (people, "mixed"), (labels, "mixed-labels")):
        assert state_of(step, place) == "to do"
        folder = place.run(step).folder / name
        folder.mkdir(parents=True)
        (folder / "model.keras").touch()
        file = place.record_file(step)
        file.parent.mkdir(exist_ok=True)
        write_json(file, {"digest": step.digest, "state": "done"})
        assert state_of(step, place) == "done"
    (folder / "model.keras").unlink()
    assert [state_of(step, place) for step in (average, people, labels)] == [
        "done",
        "done",
        "to do",
    ]
