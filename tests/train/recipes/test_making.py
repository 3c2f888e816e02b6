"""A recipe is carried out step by step, each step once, and goes on where it stopped."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.called import called
from tests.train.recipes.recipe_steps import CALIBRATE, CONVERT, FIT
from train.__main__ import main
from train.errors import DatasetError, RunError
from train.recipes.making import Workplace, command_of, make, plan, state_of
from train.recipes.recipe import Step, read_recipe
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


def test_it_is_made_once_and_goes_on(
    tables: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "small.toml"
    path.write_text(SMALL)
    steps, place = read_recipe(str(path)), Workplace(tmp_path / "runs", (tables,))
    assert plan(steps, place) == [
        "fit small: to do, its time is unknown",
        "calibrate small: to do, some minutes",
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
    assert done.stdout.splitlines()[1] == "calibrate a: to do, some minutes"
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


def test_a_damaged_history_of_another_run_stops_no_estimate(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    settings = {"network": {"name": "lenet"}, "training": {"precision": "float32"}}
    write_json(tmp_path / "other" / "run.json", {"settings": settings})
    write_json(tmp_path / "other" / "history.json", [1])
    (tmp_path / "a.toml").write_text(f"{FIT}set = {{'training.epochs' = 5}}")
    lines = plan(read_recipe(str(tmp_path / "a.toml")), Workplace(tmp_path, (tmp_path,)))
    assert lines == ["fit a: to do, its time is unknown"]


def test_a_run_made_by_hand_is_not_taken_for_ones_own(tmp_path: Path) -> None:
    (tmp_path / "lenet").mkdir()
    write_json(tmp_path / "lenet" / "run.json", {"settings": {}})
    with pytest.raises(RunError, match="or by hand: name another"):
        plan(read_recipe("lenet"), Workplace(tmp_path, (tmp_path,)))


def test_a_mean_of_detectors_is_averaged_as_such(tmp_path: Path) -> None:
    (tmp_path / "faces.zip").touch()
    detect = '[[step]]\ndo = "detect"\nrun = "a"\ndata = "faces.zip"\n'
    mean = '[[step]]\ndo = "average_detectors"\nrun = "mean"\nruns = ["a", "a", "b"]\n'
    (tmp_path / "a.toml").write_text(detect + detect.replace('"a"', '"b"') + mean, "utf-8")
    *_, step = read_recipe(str(tmp_path / "a.toml"))
    words = command_of(step, Workplace(tmp_path, (tmp_path,)))
    runs = [str(tmp_path / name) for name in ("mean", "a", "a", "b")]
    assert words == ["python", "-m", "train", "detector", "average", "--replace", *runs]
    assert [one.run for one in step.needs] == ["a", "b"]


def test_a_mean_is_made_anew_and_a_mix_that_is_gone(tmp_path: Path) -> None:
    """What is gone is not done, whatever the record says."""
    recipe = tmp_path / "mixed.toml"
    mean = '[[step]]\ndo = "average"\nrun = "mean"\nruns = ["a", "b"]\n'
    mix = '[[step]]\ndo = "mix"\nrun = "mean"\ndata = "x.csv"\nvotes = "x.csv"\n'
    fits = FIT + FIT.replace('"a"', '"b"')
    recipe.write_text(f'{fits}{mean}{mix}{mix}truth = "labels"\n', "utf-8")
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


def written_as_done(step: Step, place: Workplace, at: float) -> None:
    file = place.record_file(step)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_json(file, {"digest": step.digest, "state": "done"})
    os.utime(file, (at, at))


def test_a_training_whose_teacher_was_made_anew_is_told_of(tmp_path: Path) -> None:
    taught = FIT.replace('"a"', '"b"') + 'teachers = ["a"]\n'
    (tmp_path / "taught.toml").write_text(FIT + taught, "utf-8")
    steps, place = read_recipe(str(tmp_path / "taught.toml")), Workplace(tmp_path, (tmp_path,))
    for step in steps:
        place.run(step).folder.mkdir()
        for file in ("run.json", "model.keras"):
            (place.run(step).folder / file).write_text("{}")
        written_as_done(step, place, 1000)
    assert plan(steps, place) == ["fit a: done", "fit b: done"]
    written_as_done(steps[0], place, 2000)
    told = f"fit b: done, but a was made anew since: remove {tmp_path / 'b'} to train it again"
    assert plan(steps, place) == ["fit a: done", told]


def test_a_model_that_is_gone_is_converted_again(tmp_path: Path) -> None:
    """The network is there, but not the model of each head."""
    (tmp_path / "a.toml").write_text(FIT + CONVERT, "utf-8")
    fit, convert = read_recipe(str(tmp_path / "a.toml"))
    place = Workplace(tmp_path, (tmp_path,))
    heads = [place.run(fit).folder / head for head in ("people", "labels")]
    for head in heads:
        head.mkdir(parents=True)
        (head / "card.json").touch()
    for file in ("run.json", "model.keras"):
        (place.run(fit).folder / file).write_text("{}")
    for step in (fit, convert):
        written_as_done(step, place, 1000)
    (heads[0] / "lenet.tflite").touch()
    assert state_of(convert, place) == "to do"
    (heads[1] / "lenet.tflite").touch()
    assert state_of(convert, place) == "done"


def test_a_detectors_time_is_that_of_its_last_training(tmp_path: Path) -> None:
    run = tmp_path / "before"
    run.mkdir()
    settings = {"network": {"name": "face-detector"}, "training": {"precision": "float32"}}
    write_json(run / "run.json", {"settings": settings})
    write_json(run / "history.json", [{"epoch": 1, "seconds": 90.0}] * 3)
    detect = '[[step]]\ndo = "detect"\nrun = "a"\ndata = "x.zip"\n[step.set]\n'
    (tmp_path / "a.toml").write_text(f'{detect}"training.epochs" = 10\n', "utf-8")
    lines = plan(read_recipe(str(tmp_path / "a.toml")), Workplace(tmp_path, (tmp_path,)))
    assert lines == ["detect a: to do, about 15 minutes"]
