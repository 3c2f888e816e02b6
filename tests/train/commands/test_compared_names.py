"""What runs are called where they are put side by side."""

from __future__ import annotations

from pathlib import Path

import pytest

from train.commands.compare import distinct_names
from train.errors import RunError


def test_runs_go_by_their_folders_names() -> None:
    assert distinct_names([Path("runs/a"), Path("runs/b")]) == ["a", "b"]


def test_runs_of_one_name_are_told_apart_by_the_folders_above() -> None:
    folders = [Path("may/sizes/x"), Path("june/sizes/x"), Path("june/sizes/y")]
    assert distinct_names(folders) == ["may/sizes/x", "june/sizes/x", "june/sizes/y"]


def test_a_run_is_compared_once(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="expected each run once"):
        distinct_names([tmp_path / "x", tmp_path / "y", tmp_path / "y" / ".." / "x"])
