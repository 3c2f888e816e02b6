"""`fer-edge demo` plays what there is, sums it up, and leaves a picture."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from fer_edge import Tracker, open_camera
from fer_edge.command.demo import Seen
from fer_edge.face import Box
from tests.runtime.command_line import fer_edge
from tests.runtime.scripted import Actor, Scripted, frame

BOX = Box(100, 100, 80, 90)

DEMO_THEN_MEMORY = """
import pathlib, re, sys
from fer_edge.command.main import main
main(["demo", "sample", "--picture", sys.argv[1]])
print(re.search(r"RssAnon:\\s*(\\d+) kB", pathlib.Path("/proc/self/status").read_text())[1])
"""


def test_the_demo_tells_what_it_plays_sums_up_and_draws(tmp_path: Path) -> None:
    done = fer_edge("demo", "sample", "--picture", tmp_path / "seen.jpg")
    assert done.returncode == 0
    assert "Playing the embedded sample" in done.stderr
    assert "happy" in done.stdout
    assert "150 frames in" in done.stdout
    assert "detection       median" in done.stdout
    assert "classification  median" in done.stdout
    assert f"annotated picture: {tmp_path / 'seen.jpg'}" in done.stdout
    picture = cv2.imread(str(tmp_path / "seen.jpg"))
    assert picture is not None
    assert picture.shape == (480, 640, 3)
    peak = next(line for line in done.stdout.splitlines() if line.startswith("peak memory"))
    # Seen: 77 MB. Just after pip has written the libraries, newer kernels map far more of their
    # clean pages: 115 MB were seen. These pages belong to the page cache and cost nothing extra.
    assert 30 < float(peak.split()[2]) < 125


def test_what_the_demo_allocates_is_small(tmp_path: Path) -> None:
    """Its own memory, without the libraries' code: the same on every kernel."""
    command = [sys.executable, "-c", DEMO_THEN_MEMORY, str(tmp_path / "seen.jpg")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert float(done.stdout.splitlines()[-1]) * 1024 < 50e6


def test_without_a_camera_the_demo_says_what_it_shows_and_why(tmp_path: Path) -> None:
    if list(Path("/dev").glob("video*")):
        pytest.skip("this machine may have a camera")
    done = fer_edge(
        *("demo", "--frames", "3", "--rotate", "90", "--mirror"),
        *("--picture", tmp_path / "seen.png"),
    )
    assert done.returncode == 0, done.stderr
    picture = cv2.imread(str(tmp_path / "seen.png"))
    assert picture is not None
    turned = next(iter(open_camera("sample", rotate=90, mirror=True))).image
    assert picture.shape == turned.shape == (640, 480, 3)
    # All but the box and the label, and the little that the portrait moves in three frames.
    assert np.median(np.abs(picture.astype(int) - turned)) < 5
    assert "no camera" in done.stderr
    assert "picamera2" in done.stderr
    assert "Playing the embedded sample" in done.stderr


def test_the_picture_is_of_the_surest_reading() -> None:
    sureness = (0.6, 0.9, 0.7)
    tracker = Tracker(Scripted(lambda at: (Actor(BOX, "happy", sureness[round(at * 10)]),)))
    seen = Seen()
    for number in range(3):
        seen.reading(tracker(frame(number / 10, number))[0])
    assert seen.frames == 3
    assert seen.best is not None
    assert seen.best.frame_index == 1


def test_the_second_demo_leaves_the_picture_of_the_first(tmp_path: Path) -> None:
    for _ in range(2):
        done = fer_edge("demo", "sample", "--frames", "3", "--picture", "seen.png", folder=tmp_path)
        assert done.returncode == 0
    assert f"annotated picture: {tmp_path / 'seen-2.png'}" in done.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["seen-2.png", "seen.png"]
    assert (tmp_path / "seen.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


def test_the_demo_sums_up_what_it_could_read_of_a_damaged_source(
    tmp_path: Path, portrait: Path
) -> None:
    for name in ("a.jpg", "c.jpg"):
        (tmp_path / name).write_bytes(portrait.read_bytes())
    (tmp_path / "b.jpg").write_bytes(b"no picture")
    done = fer_edge("demo", tmp_path, "--picture", tmp_path / "seen.png")
    assert done.returncode == 1
    assert "2 frames in " in done.stdout
    assert (tmp_path / "seen.png").exists()
    assert "1 of 3 pictures" in done.stderr.splitlines()[-1]
