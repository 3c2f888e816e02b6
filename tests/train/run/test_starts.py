"""A start that fails takes away what it made, and nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from train.errors import RunError
from train.run.begin import held
from train.run.files import write_json
from train.run.folder import RunFolder


def test_a_failed_start_leaves_nothing_and_a_failed_end_leaves_all(tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "deep" / "run")

    def start(results: bool) -> None:
        with held(run):
            write_json(run.run_file, {"settings": {}})
            if results:
                run.checkpoint_file(1).touch()
            raise RunError("as happens")

    with pytest.raises(RunError, match="as happens"):
        start(results=False)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(RunError, match="as happens"):
        start(results=True)
    assert run.run_file.exists()


def test_a_failed_start_leaves_what_others_made_beside_it_meanwhile(tmp_path: Path) -> None:
    run, other = RunFolder(tmp_path / "runs" / "a"), RunFolder(tmp_path / "runs" / "b")

    def start(folder: RunFolder) -> None:
        with held(folder):
            write_json(folder.run_file, {})
            with held(other):
                write_json(other.run_file, {})
                other.checkpoint_file(1).touch()
            raise KeyboardInterrupt

    for one in (run, RunFolder(tmp_path / "runs")):
        with pytest.raises(KeyboardInterrupt):
            start(one)
        assert not one.run_file.exists()
        assert other.checkpoints()
        assert not run.folder.exists()
        shutil.rmtree(tmp_path / "runs")


def test_a_start_that_the_lock_refuses_takes_nothing_away(tmp_path: Path) -> None:
    """What lies there is the other process's, also before its first checkpoint."""
    run = RunFolder(tmp_path / "run")
    with held(run):
        write_json(run.run_file, {"settings": {}})
        with pytest.raises(RunError, match="is in use"), held(run):
            pass
        assert run.run_file.exists()


def test_a_folder_of_the_users_stays(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    run = RunFolder(tmp_path)

    def stop() -> None:
        with held(run):
            write_json(run.run_file, {})
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop()
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
