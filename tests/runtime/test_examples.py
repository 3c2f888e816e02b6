"""Each example is short and does what it says."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT

RUNS: dict[str, tuple[list[str | Path], str]] = {
    "photo.py": ([ROOT / "fer_edge" / "cameras" / "sample.jpg"], "happy"),
    "webcam.py": (["sample"], "face 1 is happy, was unsure"),
    "pi_camera.py": (["sample"], "frame 149: happy"),
    "greeter.py": (["sample"], "hello 1"),
    "pan_tilt.py": (["sample"], "tilt +"),
    "with_asyncio.py": (["sample"], "face 1: change happy"),
    "own_loop.py": (["sample"], "face 1: change happy"),
    "two_cameras.py": (["sample", "sample"], "back: face 1 change happy"),
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


def test_a_folder_is_no_photo(tmp_path: Path) -> None:
    done = run("photo.py", tmp_path)
    assert done.returncode == 1
    assert "folder" in done.stderr


def test_the_greeter_takes_ten_lines() -> None:
    lines = (ROOT / "examples" / "greeter.py").read_text("utf-8").splitlines()
    assert sum(bool(line.strip()) for line in lines) <= 10


def test_servos_are_turned_within_their_limits() -> None:
    told = run("pan_tilt.py", "sample").stdout
    angles = re.findall(r"pan ([-+][\d.]+), tilt ([-+][\d.]+) degrees", told)
    # The recording does not turn with the servos, so that its face stays off the middle.
    assert any(abs(float(tilt)) == 45 for _, tilt in angles)
    assert all(abs(float(pan)) <= 90 and abs(float(tilt)) <= 45 for pan, tilt in angles)


def test_a_recording_has_no_age() -> None:
    assert "old" not in run("pi_camera.py", "sample").stdout


@pytest.mark.parametrize("name", ["pi_camera.py", "greeter.py", "webcam.py", "own_loop.py"])
def test_without_a_camera_nothing_stands_in(name: str) -> None:
    if list(Path("/dev").glob("video*")):
        pytest.skip("this machine may have a camera")
    done = run(name)
    assert done.returncode == 1
    assert "sample" not in done.stdout
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("name", RUNS)
def test_a_missing_source_is_one_line(name: str) -> None:
    words, _ = RUNS[name]
    done = run(name, *(["nowhere.mp4"] * len(words)))
    assert done.returncode == 1
    expected = "nowhere.mp4 cannot be read" if name == "photo.py" else "no camera or file"
    assert expected in done.stderr
    assert "Traceback" not in done.stderr


def test_one_ctrl_c_ends_two_cameras(tmp_path: Path) -> None:
    picture = (ROOT / "fer_edge" / "cameras" / "sample.jpg").read_bytes()
    over = threading.Event()

    def send(pipe: Path) -> None:
        with contextlib.suppress(BrokenPipeError), pipe.open("wb", buffering=0) as stream:
            while not over.is_set():
                stream.write(picture)
                time.sleep(0.03)

    pipes = [tmp_path / "front", tmp_path / "back"]
    senders = [threading.Thread(target=send, args=(pipe,), daemon=True) for pipe in pipes]
    for pipe, sender in zip(pipes, senders, strict=True):
        os.mkfifo(pipe)
        sender.start()
    command = [sys.executable, str(ROOT / "examples" / "two_cameras.py"), *map(str, pipes)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            seen: set[str] = set()
            while len(seen) < 2:
                seen.add(process.stdout.readline().split(":")[0])
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)
            assert process.returncode == 0
        finally:
            process.kill()
            over.set()
    assert seen == {"front", "back"}
