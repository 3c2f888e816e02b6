"""`fer-edge` as a user runs it: a process, its two streams and its exit code."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from fer_edge import CameraError, open_camera
from fer_edge.models import DETECTOR_NAME, DETECTOR_NAMES, shipped_models
from tests.runtime import barcode
from tests.runtime.videos import cut, write_video

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
    # clean pages: 115 MB were seen. These pages belong to the page cache and cost nothing extra.
    assert 30 < float(peak.split()[2]) < 125


def test_what_the_demo_allocates_is_small(tmp_path: Path) -> None:
    """Its own memory, without the libraries' code: the same on every kernel."""
    command = [sys.executable, "-c", DEMO_THEN_MEMORY, str(tmp_path / "seen.jpg")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert float(done.stdout.splitlines()[-1]) * 1024 < 50e6


def test_watch_prints_one_json_object_a_frame() -> None:
    done = fer_edge("watch", "sample", "--json", "--frames", "5")
    assert done.returncode == 0
    readings = [json.loads(line) for line in done.stdout.splitlines()]
    assert [reading["frame"] for reading in readings] == [0, 1, 2, 3, 4]
    assert [reading["sequence"] for reading in readings] == [0, 1, 2, 3, 4]
    assert {reading["schema"] for reading in readings} == {2}
    assert {reading["dropped"] for reading in readings} == {0}
    # A recording has no age, and a face is one that was seen twice.
    assert readings[0]["age"] is None
    assert not readings[0]["faces"]
    face = readings[-1]["faces"][0]
    assert (face["id"], face["emotion"]) == (1, "happy")
    # Faces are looked for fifteen times a second.
    assert 0 <= readings[-1]["timestamp"] - face["seen"] < 1 / 15
    assert "embedded sample" in done.stderr


def test_watch_prints_lines_for_people(shared: Callable[[str], Path]) -> None:
    done = fer_edge("watch", shared("clips/single_face.mp4"))
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert 3 <= len(lines) < 20
    assert "face 1 appears" in lines[0]
    assert "face 1 leaves" in lines[-1]


def test_watch_prints_one_json_object_an_event() -> None:
    done = fer_edge("watch", "sample", "--events")
    assert done.returncode == 0
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["event"] for event in events] == ["appear", "change", "leave"]
    assert [event["sequence"] for event in events] == [0, 1, 2]
    assert (events[1]["before"], events[1]["after"]) == ("unsure", "happy")
    assert events[2]["reason"] == "ended"
    both = fer_edge("watch", "sample", "--events", "--json", "--frames", "20").stdout
    told = [json.loads(line) for line in both.splitlines()]
    assert sum("event" in one for one in told) == 3
    assert sum("dropped" in one for one in told) == 20
    # In the order of time, and what happened at a frame before its reading.
    assert [one["timestamp"] for one in told] == sorted(one["timestamp"] for one in told)
    appeared = next(n for n, one in enumerate(told) if one.get("event") == "appear")
    assert "faces" in told[appeared + 1]
    assert told[appeared]["timestamp"] == told[appeared + 1]["timestamp"]


def test_offsets_are_the_cameras_also_in_mirrored_pictures() -> None:
    def offset(*words: str) -> float:
        # In windows around a face its box lies a little otherwise than in whole pictures.
        whole = ("--detect-every", "0", "--frames", "10")
        done = fer_edge("watch", "sample", "--json", *whole, *words)
        return float(json.loads(done.stdout.splitlines()[-1])["faces"][0]["offset"][0])

    assert offset("--mirror") == pytest.approx(offset(), abs=0.02)


def test_watch_plays_a_recording_or_reads_it_whole() -> None:
    played, whole = (
        [
            json.loads(line)
            for line in fer_edge("watch", "sample", "--json", word).stdout.splitlines()
        ]
        for word in ("--realtime", "--all-frames")
    )
    assert [reading["frame"] for reading in whole] == list(range(150))
    assert all(reading["age"] > 0 for reading in played)
    assert played[-1]["timestamp"] - played[0]["timestamp"] > 4
    for earlier, later in itertools.pairwise(played):
        assert later["frame"] - earlier["frame"] == 1 + later["dropped"]


def test_watch_reads_pictures_each_for_itself(tmp_path: Path, portrait: Path) -> None:
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(portrait.read_bytes())
    cv2.imwrite(str(tmp_path / "c.png"), np.zeros((60, 80, 3), np.uint8))
    done = fer_edge("watch", tmp_path, "--json")
    readings = [json.loads(line) for line in done.stdout.splitlines()]
    assert [len(reading["faces"]) for reading in readings] == [1, 1, 0]
    assert readings[1]["faces"][0]["emotion"] == "happy"
    assert "face 1 of 1" in fer_edge("watch", tmp_path).stdout
    both = fer_edge("watch", tmp_path, "--json", "--events")
    assert len(both.stdout.splitlines()) == 3
    done = fer_edge("watch", tmp_path, "--events")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--events needs a camera or a recording" in done.stderr


def test_watch_waits_for_a_camera_if_it_is_told_to(tmp_path: Path) -> None:
    pipe = tmp_path / "camera"
    words = ("watch", pipe, "--events", "--retry", "--frame-timeout", "0.5", "--verbose")
    with subprocess.Popen(
        [*FER_EDGE, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        told = process.stdout.readline()
        assert json.loads(told)["event"] == "interrupted"
        assert "no camera or file" in json.loads(told)["reason"]
        with barcode.fifo(pipe, 20, "face"):
            kinds = [json.loads(process.stdout.readline())["event"] for _ in range(2)]
        assert kinds == ["resumed", "appear"]
        # The writer has gone.
        told = process.stdout.readline()
        while json.loads(told)["event"] == "change":
            told = process.stdout.readline()
        assert json.loads(told)["event"] == "interrupted"
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
        assert [json.loads(line)["event"] for line in out.splitlines()][-1] == "leave"
    assert process.returncode == 0
    assert fer_edge("watch", "nowhere", "--events").returncode == 1


def test_recordings_are_never_retried(tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("no video")
    done = fer_edge("watch", tmp_path / "text.mp4", "--retry")
    assert done.returncode == 1


def test_info_shows_the_card() -> None:
    told = fer_edge("info").stdout
    # Names and values stand in two columns, also beside the longest name.
    assert "origin: accuracy_as_trained  float32 " in told
    assert "angry, disgust, fear, happy, sad, surprise, neutral" in told
    assert "right (int8)" in told
    assert json.loads(fer_edge("info", "edge", "--json").stdout)["input"]["height"] == 48


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["watch", "nowhere.mp4"], 1, "no camera or file at 'nowhere.mp4'"),
        (["watch", "97"], 1, "cannot be opened"),
        (["info", "none.tflite"], 1, "no model at"),
        (["photo", "none.jpg"], 1, "cannot be read"),
        (["photo", "/dev/zero"], 1, "it is no file"),
        (["info", "/dev/zero"], 1, "is a folder, a pipe or a device"),
        (["watch", "/dev/null"], 1, "/dev/null"),
        (["watch", "sample", "--detector", "eyes"], 1, "no detector is called"),
        (
            ["demo", "sample", "--frames", "1", "--picture", "/proc/no/x.jpg"],
            1,
            "cannot be written",
        ),
        (
            ["demo", "sample", "--picture", "seen.txt"],
            1,
            "expected a name that ends in one of .jpg",
        ),
        (["watch", "--frames", "0"], 2, "expected 1 or more"),
        (["watch", "--frames", "9" * 30], 2, "expected 1 or more"),
        (["watch", "--size", "640"], 2, "expected WIDTHxHEIGHT"),
        (["watch", "--fps", "many"], 2, "expected a number"),
        (["watch", "sample", "--fps", "nan"], 2, "fps must be"),
        (["watch", "sample", "--open-timeout", "-1"], 2, "open_timeout must be"),
        (["watch", "--rotate", "45"], 2, "invalid choice"),
        (["photo", ""], 2, "expected a name"),
        (["dance"], 2, "invalid choice"),
    ],
)
def test_errors_are_one_line_and_a_code(words: list[str], code: int, message: str) -> None:
    done = fer_edge(*words)
    assert done.returncode == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    if code == 1 or "must be" in message:
        assert done.stderr.splitlines()[-1].startswith("fer-edge: ")


def test_bench_measures_every_stage_within_its_bounds() -> None:
    done = fer_edge("bench", "--json", "--repeat", "5")
    assert done.returncode == 0
    assert all(line.startswith("camera: ") for line in done.stderr.splitlines())
    figures = json.loads(done.stdout)
    assert figures["threads"] == 1
    stages = figures["stages"]
    sizes = ("320x240", "160x120")
    assert {f"{name} at {size}" for name in DETECTOR_NAMES for size in sizes} <= set(stages)
    streams = figures["pipeline"].values()
    assert [(s["threads"], s["detect_every"]) for s in streams] == [
        (threads, every) for threads in (1, 2, 4) for every in (0.2, 0.0)
    ]
    assert all(s["fps"] > 0 and 0 < s["age_median"] <= s["age_p95"] for s in streams)
    assert all(0 < s["core"] < 4 for s in streams)
    assert all(0 < stage["median"] <= stage["p95"] for stage in stages.values())
    # Ten times what was seen, as a busy machine can take several times as long.
    bound = 3 if figures["interpreter"] == "litert" else 26
    assert stages["classification of one face"]["median"] <= bound


def test_bench_prints_no_control_characters_of_a_models_name(tmp_path: Path) -> None:
    odd = tmp_path / "na\n\x1b[31mno.tflite"
    odd.write_bytes(shipped_models()["nano"].read_bytes())
    done = fer_edge("bench", "--repeat", "1", "--model", odd)
    assert done.returncode == 0, done.stderr
    assert all(line.isprintable() for line in done.stdout.split("\n"))
    assert r"na\n\x1b[31mno.tflite" in done.stdout.splitlines()[0]


def test_bench_trusts_the_detectors_beside_if_it_is_told_to(tmp_path: Path) -> None:
    (tmp_path / "odd.onnx").write_bytes(b"no model")
    words = ("bench", "--repeat", "1", "--model", "nano", "--beside", tmp_path / "odd.onnx")
    assert "If you trust it" in fer_edge(*words).stderr
    trusted = fer_edge(*words, "--trust-detector")
    assert trusted.returncode == 1
    assert "If you trust it" not in trusted.stderr


def test_bench_measures_each_of_the_detectors_beside(tmp_path: Path) -> None:
    paths = [tmp_path / folder / "same.tflite" for folder in "ab"]
    for path in paths:
        path.parent.mkdir()
        path.write_bytes(shipped_models()[DETECTOR_NAME].read_bytes())
    done = fer_edge("bench", "--json", "--repeat", "1", "--model", "nano", "--beside", *paths)
    stages = json.loads(done.stdout)["stages"]
    assert {f"{path} at 160x120" for path in paths} <= set(stages)


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


def test_without_a_camera_the_demo_says_what_it_shows_and_why(tmp_path: Path) -> None:
    if list(Path("/dev").glob("video*")):
        pytest.skip("this machine may have a camera")
    done = fer_edge("demo", "--frames", "3", "--picture", tmp_path / "seen.jpg")
    assert done.returncode == 0, done.stderr
    told = done.stdout + done.stderr
    assert "no camera" in told
    assert "picamera2" in told
    assert "Playing the embedded sample" in told


def test_without_a_camera_watch_fails_with_one_line() -> None:
    if list(Path("/dev").glob("video*")):
        pytest.skip("this machine may have a camera")
    done = fer_edge("watch", "--frames", "3")
    assert done.returncode == 1
    assert not done.stdout
    (line,) = done.stderr.splitlines()
    assert line.startswith("fer-edge: ")


def test_frames_are_turned_and_mirrored_on_request() -> None:
    plain, turned = (
        json.loads(fer_edge("watch", "sample", "--json", "--frames", "1", *words).stdout)
        for words in ([], ["--rotate", "90", "--mirror"])
    )
    assert plain["size"] == [640, 480]
    assert turned["size"] == [480, 640]


def test_the_second_demo_leaves_the_picture_of_the_first(tmp_path: Path) -> None:
    for _ in range(2):
        done = fer_edge("demo", "sample", "--frames", "3", "--picture", "seen.png", folder=tmp_path)
        assert done.returncode == 0
    assert f"annotated picture: {tmp_path / 'seen-2.png'}" in done.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["seen-2.png", "seen.png"]
    assert (tmp_path / "seen.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


def test_watch_prints_every_frame_of_a_recording_that_is_cut_off(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mkv")
    cut(path, 0.6)
    count = 0
    with open_camera(path) as camera, pytest.raises(CameraError, match="has lost about"):
        for count, _ in enumerate(camera, 1):  # noqa: B007 - the count is what is wanted
            pass
    done = fer_edge("watch", path, "--json")
    assert done.returncode == 1
    assert [json.loads(line)["frame"] for line in done.stdout.splitlines()] == list(range(count))
    assert "has lost about" in done.stderr.splitlines()[-1]


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


def test_watch_says_what_of_a_folder_it_left_out(tmp_path: Path, portrait: Path) -> None:
    for name in ("a.jpg", "c.jpg"):
        (tmp_path / name).write_bytes(portrait.read_bytes())
    (tmp_path / "b.jpg").write_bytes(b"no picture")
    done = fer_edge("watch", tmp_path, "--json")
    assert done.returncode == 1
    assert [json.loads(line)["source"] for line in done.stdout.splitlines()] == ["a.jpg", "c.jpg"]
    assert done.stderr.splitlines()[-1].startswith("fer-edge: ")


def test_a_picture_named_alone_is_refused_if_it_is_none(tmp_path: Path) -> None:
    (tmp_path / "b.jpg").write_bytes(b"no picture")
    done = fer_edge("watch", tmp_path / "b.jpg")
    assert done.returncode == 1
    assert not done.stdout


@pytest.mark.parametrize(
    "words",
    [
        ["photo", "--bogus"],
        ["photo"],
        ["photo", ""],
        ["photo", "--max-pixels", "0", "a.png"],
        ["watch", "--size", "3"],
        ["watch", "--rotate", "45"],
        ["watch", "--fps", "fast\ndone"],
        ["bogus"],
        [],
    ],
)
def test_a_wrong_command_line_costs_one_line(words: list[str]) -> None:
    done = fer_edge(*words)
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("fer-edge: ")
    assert "--help shows what there is" in line


def test_a_recording_that_is_not_there_is_not_waited_for() -> None:
    done = fer_edge("watch", "nowhere.mp4", "--retry")
    assert done.returncode == 1
    assert "no camera or file at 'nowhere.mp4'" in done.stderr
