"""A run's life: one process at a time, whole files, and what older runs and other tasks left."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from train.detector.run import DetectorRun
from train.detector.settings import DetectorSettings
from train.emotion.run import EmotionRun
from train.emotion.run_files import RunFiles
from train.emotion.settings import Settings
from train.errors import RunError
from train.run.begin import last_state, state_after
from train.run.files import add_line, read_json, replacing, write_json
from train.run.folder import RunFolder
from train.run.lock import locked

FLAT = {
    "network": "even_wide",
    "epochs": 160,
    "classes": [],
    "two_heads": True,
    "votes_weight": 0.5,
    "weight_decay": 1e-3,
    "augmentation": 1.3,
    "quality": 0.2,
    "sharpness": 0.0,
    "average": 0.999,
    "teachers": ["a", "b"],
    "teachers_weight": 0.9,
    "views": 12,
}


def test_a_second_process_is_refused_by_name(tmp_path: Path) -> None:
    script = (
        "import sys, time\nfrom pathlib import Path\nfrom train.run.lock import locked\n"
        "with locked(Path(sys.argv[1])):\n    print('held', flush=True)\n    time.sleep(600)\n"
    )
    words = [sys.executable, "-c", script, str(tmp_path)]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(RunError, match=f"{tmp_path} is in use"), locked(tmp_path):
            pass
        other.kill()
    deadline = time.monotonic() + 60
    while True:
        try:
            with locked(tmp_path):
                break
        except RunError:
            assert time.monotonic() < deadline, "the lock ends with the process"


def test_the_best_epochs_checkpoint_must_be_there_and_whole(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    with pytest.raises(RunError, match=r"checkpoint-0002.keras is missing.*best epoch"):
        state_after(run, 2)
    run.checkpoint_file(2).write_text("damaged")
    with pytest.raises(RunError, match=r"checkpoint-0002.keras cannot be read: it is no ZIP"):
        state_after(run, 2)


def test_a_line_that_cannot_be_added_is_an_error_of_ours() -> None:
    with pytest.raises(RunError, match="/dev/full cannot be written: No space left"):
        add_line(Path("/dev/full"), "epoch 1")


@pytest.mark.parametrize("name", ["full", "folder"])
def test_only_files_are_replaced(name: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    path = Path("/dev/full") if name == "full" else tmp_path / "folder"
    with pytest.raises(RunError, match="cannot be written: it is no regular file"):
        write_json(path, [1])
    assert not path.is_file()


def test_a_write_that_fails_keeps_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "kept.json"
    write_json(file, [1])

    def fill_the_disk() -> None:
        with replacing(file) as draft:
            draft.write_text("[1, 2")
            raise OSError(28, "No space left on device")

    with pytest.raises(RunError, match=r"kept\.json cannot be written: No space left"):
        fill_the_disk()
    assert read_json(file) == [1]
    assert [path.name for path in tmp_path.iterdir()] == ["kept.json"]


def test_settings_of_older_runs_are_read() -> None:
    settings = Settings.from_json(FLAT)
    assert settings.network.name == "even_wide"
    assert settings.network.two_heads
    assert settings.training.epochs == 160
    assert settings.augmentation.degradation == 0.2
    assert settings.distillation.teachers == ("a", "b")
    assert settings.optimizer.ema == 0.999
    assert Settings.from_json(json.loads(json.dumps(settings.to_json()))) == settings
    with pytest.raises(RunError, match="another version: speed is not known"):
        Settings.from_json({**FLAT, "speed": 1})
    with pytest.raises(RunError, match="another version: sharpness"):
        Settings.from_json({**FLAT, "sharpness": 1.0})
    old = {"epochs": 24, "side": 320, "rounded": False, "average": 0.9, "weights": ""}
    assert DetectorSettings.from_json(old).optimizer.ema == 0.9


def test_an_older_run_can_be_resumed_by_its_command() -> None:
    command = "python -m train fit edge --data a.csv --votes v.csv --teachers one two --epochs 4"
    files = RunFiles.of_run({"command": command, "settings": FLAT})
    assert files.data_file == Path("a.csv")
    assert files.votes_file == Path("v.csv")
    assert files.teacher_folders == (Path("one"), Path("two"))
    with pytest.raises(RunError, match="does not say where its dataset is"):
        RunFiles.of_run({"command": "python -m train fit edge"})


@pytest.mark.parametrize("files", [[1], {"data": 5}, {"data": "a.csv", "teachers": 5}])
def test_damaged_paths_are_told_of(files: Any) -> None:
    with pytest.raises(RunError, match=r"does not say where|are damaged"):
        RunFiles.of_run({"files": files})


@pytest.mark.parametrize("rows", [None, 5, [1], [{}], [{"epoch": 1, "seconds": "long"}]])
def test_a_damaged_history_is_told_of(rows: Any, tmp_path: Path) -> None:
    write_json(tmp_path / "history.json", rows)
    with pytest.raises(RunError, match=r"history\.json has no row for each epoch"):
        RunFolder(tmp_path).read_history()


def test_the_teachers_beside_the_checkout_are_read(shared: Callable[[str], Path]) -> None:
    files = sorted(shared("models/teachers").glob("*/run.json"))
    assert files
    for file in files:
        run = EmotionRun(file.parent)
        assert run.read_settings().network.two_heads
        assert run.read_card().labels[0] == "angry"


@pytest.mark.parametrize(
    ("facts", "reader", "expected"),
    [
        (
            {"settings": {}, "sources": {}},
            EmotionRun,
            "the task 'detection'; expected .* python -m train fit",
        ),
        (
            {"settings": {}, "task": "face"},
            EmotionRun,
            "the task 'detection'; expected .* python -m train fit",
        ),
        (
            {"settings": {}, "task": "detection"},
            EmotionRun,
            "the task 'detection'; expected .* python -m train fit",
        ),
        (
            {"settings": {}, "task": "emotion"},
            DetectorRun,
            "the task 'emotion'; expected .* train detector fit",
        ),
        (
            {"settings": FLAT, "data": ""},
            DetectorRun,
            "the task 'emotion'; expected .* train detector fit",
        ),
        ({}, EmotionRun, "has no settings"),
        ([1], EmotionRun, "has no settings"),
        ({"settings": {"data": 1}}, EmotionRun, "another version"),
        ({"settings": {"data": {"sample": "all"}}}, EmotionRun, "data.sample must be like 0"),
        ({"settings": {"training": {"epochs": True}}}, EmotionRun, "must be like 60, got True"),
    ],
)
def test_a_run_of_another_kind_is_told_so(
    facts: Any, reader: type[EmotionRun | DetectorRun], expected: str, tmp_path: Path
) -> None:
    write_json(tmp_path / "run.json", facts)
    with pytest.raises(RunError, match=expected):
        reader(tmp_path).read_settings()


def test_a_history_without_a_checkpoint_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run = RunFolder(tmp_path)
    assert last_state(run) == (0, None)
    assert not caplog.records
    write_json(run.history_file, [])
    assert last_state(run) == (0, None)
    assert "has a history and no checkpoint: it begins once more" in caplog.text
