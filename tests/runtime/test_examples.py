"""Each example is short and does what it says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

RUNS = {
    "photo.py": (["sample"], "happy"),
    "webcam.py": (["sample"], "happy"),
    "pi_camera.py": (["sample"], "frame 149: happy"),
    "smile_robot.py": (["sample"], "somebody smiles, waving"),
}


def run(name: str, *words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "examples" / name), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_each_has_its_run() -> None:
    assert {path.name for path in (ROOT / "examples").glob("*.py")} == set(RUNS)


@pytest.mark.parametrize("name", RUNS)
def test_it_is_short_and_runs(name: str) -> None:
    assert len((ROOT / "examples" / name).read_text("utf-8").splitlines()) < 40
    words, expected = RUNS[name]
    done = run(name, *words)
    assert done.returncode == 0, done.stderr
    assert expected in done.stdout


def test_a_recording_has_no_age() -> None:
    assert "old" not in run("pi_camera.py", "sample").stdout


@pytest.mark.parametrize("name", ["pi_camera.py", "smile_robot.py", "webcam.py"])
def test_without_a_camera_nothing_stands_in(name: str) -> None:
    if list(Path("/dev").glob("video*")):
        pytest.skip("this machine may have a camera")
    done = run(name)
    assert done.returncode == 1
    assert "sample" not in done.stdout
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("name", RUNS)
def test_a_missing_source_is_one_line(name: str) -> None:
    done = run(name, "nowhere.mp4")
    assert done.returncode == 1
    assert "no camera or file" in done.stderr
    assert "Traceback" not in done.stderr
