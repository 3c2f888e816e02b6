"""`fer-edge` as a user runs it: a process, its two streams and its exit code."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import pytest

DEMO_THEN_MEMORY = """
import pathlib, re, sys
from fer_edge.command.main import main
main(["demo", "sample", "--picture", sys.argv[1]])
print(re.search(r"RssAnon:\\s*(\\d+) kB", pathlib.Path("/proc/self/status").read_text())[1])
"""
FER_EDGE = [sys.executable, "-m", "fer_edge"]


def fer_edge(*words: str | Path, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [*FER_EDGE, *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=120)


def test_the_demo_tells_what_it_plays_sums_up_and_draws(tmp_path: Path) -> None:
    done = fer_edge("demo", "sample", "--picture", tmp_path / "seen.jpg")
    assert done.returncode == 0
    assert "Playing the embedded sample" in done.stdout
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
    # clean pages, which are the page cache's and cost nothing extra: 115 MB were seen then.
    assert 30 < float(peak.split()[2]) < 125


def test_what_the_demo_allocates_is_small(tmp_path: Path) -> None:
    """Its own memory, without the libraries' code: the same on every kernel."""
    command = [sys.executable, "-c", DEMO_THEN_MEMORY, str(tmp_path / "seen.jpg")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert float(done.stdout.splitlines()[-1]) * 1024 < 50e6


def test_ctrl_c_ends_the_demo_with_its_summary(tmp_path: Path) -> None:
    picture = tmp_path / "seen.jpg"
    command = [*FER_EDGE, "demo", "sample", "--picture", str(picture)]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A suite that a shell runs in its background hands SIGINT on as ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as p:
        assert p.stdout is not None
        p.stdout.readline()
        assert "happy" in p.stdout.readline()
        p.send_signal(signal.SIGINT)
        out, err = p.communicate(timeout=30)
    assert p.returncode == 0
    assert "frames in" in out
    assert "150 frames" not in out
    assert picture.exists()
    assert "Traceback" not in err


def test_watch_prints_one_json_object_a_frame() -> None:
    done = fer_edge("watch", "sample", "--json", "--frames", "5")
    assert done.returncode == 0
    readings = [json.loads(line) for line in done.stdout.splitlines()]
    assert [reading["frame"] for reading in readings] == [0, 1, 2, 3, 4]
    assert all(set(reading) == {"frame", "timestamp", "faces"} for reading in readings)
    face = readings[0]["faces"][0]
    assert set(face) == {"box", "score", "emotion", "probability", "sure", "probabilities"}
    assert face["emotion"] == "happy"
    assert "embedded sample" in done.stderr


def test_watch_prints_lines_for_people(shared: Callable[[str], Path]) -> None:
    done = fer_edge("watch", shared("clips/single_face.mp4"))
    assert done.returncode == 0
    assert 3 <= len(done.stdout.splitlines()) < 72
    assert "face 1 of 1" in done.stdout


def test_a_reader_that_leaves_is_no_error() -> None:
    command = " ".join([*FER_EDGE, "watch", "sample", "--json"])
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command} | head -n 2"], capture_output=True, text=True
    )
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 2
    assert "Traceback" not in done.stderr
    assert "Broken pipe" not in done.stderr


def test_photo_reads_each_file_and_loses_none(tmp_path: Path, portrait: Path) -> None:
    (tmp_path / "cut.jpg").write_bytes(portrait.read_bytes()[:100])
    done = fer_edge("photo", tmp_path / "cut.jpg", tmp_path / "none.jpg", portrait, "--json")
    assert done.returncode == 1
    (line,) = done.stdout.splitlines()
    reading = json.loads(line)
    assert reading["file"] == str(portrait)
    assert reading["faces"][0]["emotion"] == "happy"
    errors = [line for line in done.stderr.splitlines() if line.startswith("fer-edge: ")]
    assert len(errors) == 2
    assert "Traceback" not in done.stderr


def test_photo_annotates(tmp_path: Path, portrait: Path) -> None:
    done = fer_edge("photo", portrait, "--annotate", tmp_path / "out")
    assert done.returncode == 0
    assert "happy" in done.stdout
    assert (tmp_path / "out" / "sample-read.jpg").stat().st_size > 10_000


def test_info_shows_the_card() -> None:
    told = fer_edge("info").stdout
    assert "angry, disgust, fear, happy, sad, surprise, neutral" in told
    assert "right (int8)" in told
    assert json.loads(fer_edge("info", "edge", "--json").stdout)["input"]["height"] == 48


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["watch", "nowhere.mp4"], 1, "no camera or file at 'nowhere.mp4'"),
        (["watch", "97"], 1, "cannot be opened"),
        (["info", "none.tflite"], 1, "no model at 'none.tflite'"),
        (["photo", "none.jpg"], 1, "cannot be read"),
        (["photo", "/dev/zero"], 1, "it is no file"),
        (["info", "/dev/zero"], 1, "no model at '/dev/zero'"),
        (["watch", "/dev/null"], 1, "cannot be opened"),
        (["watch", "sample", "--detector", "eyes"], 1, "no detector is called 'eyes'"),
        (
            ["demo", "sample", "--frames", "1", "--picture", "/proc/no/x.jpg"],
            1,
            "cannot be written",
        ),
        (["watch", "--frames", "0"], 2, "expected 1 or more"),
        (["dance"], 2, "invalid choice"),
    ],
)
def test_errors_are_one_line_and_a_code(words: list[str], code: int, message: str) -> None:
    done = fer_edge(*words)
    assert done.returncode == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    if code == 1:
        assert done.stderr.splitlines()[-1].startswith("fer-edge: ")


def test_bench_measures_every_stage_within_its_bounds() -> None:
    done = fer_edge("bench", "--json", "--repeat", "60")
    assert done.returncode == 0
    figures = json.loads(done.stdout)
    assert figures["threads"] == 1
    stages = figures["stages"]
    assert {"face at 320x240", "face at 160x120"} <= set(stages)
    assert all(0 < stage["median"] <= stage["p95"] for stage in stages.values())
    bound = 0.6 if figures["interpreter"] == "litert" else 6
    assert stages["classification of one face"]["median"] <= bound


def test_frames_come_while_they_are_read(tmp_path: Path) -> None:
    """Output is flushed line by line: who pipes it into a robot must not wait for a full buffer."""
    command = [*FER_EDGE, "watch", "sample", "--json"]
    environment = {**os.environ, "PYTHONUNBUFFERED": ""}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        first = time.monotonic()
        process.stdout.read()
        # Output that waited for the end would come at once.
        assert time.monotonic() - first > 0.1
    assert process.returncode == 0
