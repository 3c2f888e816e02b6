"""`fer-edge watch` reads what it can of each source, and says what it could not read."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pytest

from fer_edge import CameraError, open_camera
from fer_edge.cameras.request import Request
from fer_edge.live.frames.frame_source import frame_source
from tests.runtime import barcode
from tests.runtime.command_line import FER_EDGE, fer_edge
from tests.runtime.videos import cut, write_video


def test_watch_reads_pictures_each_for_itself(tmp_path: Path, portrait: Path) -> None:
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(portrait.read_bytes())
    cv2.imwrite(str(tmp_path / "c.png"), np.zeros((60, 80, 3), np.uint8))
    done = fer_edge("watch", tmp_path, "--json")
    readings = [json.loads(line) for line in done.stdout.splitlines()]
    assert [len(reading["faces"]) for reading in readings] == [1, 1, 0]
    assert readings[1]["faces"][0]["emotion"] == "happy"
    lines = fer_edge("watch", tmp_path).stdout.splitlines()
    assert [line.split(" of ")[0] for line in lines] == [
        "a.jpg: face",
        "b.jpg: face",
        "c.png: no face",
    ]
    both = fer_edge("watch", tmp_path, "--json", "--events")
    assert len(both.stdout.splitlines()) == 3
    assert "--events has no effect" in both.stderr
    retried = fer_edge("watch", tmp_path, "--retry")
    assert (retried.returncode, retried.stdout.splitlines()) == (0, lines)
    assert f"--retry has no effect: {tmp_path} is read once" in retried.stderr
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


def test_without_a_camera_watch_fails_with_one_line() -> None:
    if list(Path("/dev").glob("video*")):
        pytest.skip("this machine may have a camera")
    done = fer_edge("watch", "--frames", "3")
    assert done.returncode == 1
    assert not done.stdout
    (line,) = done.stderr.splitlines()
    assert line.startswith("fer-edge: ")


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


def test_watch_says_what_of_a_folder_it_left_out(tmp_path: Path, portrait: Path) -> None:
    for name in ("a.jpg", "c.jpg"):
        (tmp_path / name).write_bytes(portrait.read_bytes())
    (tmp_path / "b.jpg").write_bytes(b"no picture")
    done = fer_edge("watch", tmp_path, "--json")
    assert done.returncode == 1
    assert [json.loads(line)["source"] for line in done.stdout.splitlines()] == ["a.jpg", "c.jpg"]
    assert done.stderr.splitlines()[-1].startswith("fer-edge: ")


def test_what_was_left_out_before_the_last_picture_is_told_of(
    tmp_path: Path, portrait: Path
) -> None:
    (tmp_path / "a.jpg").write_bytes(b"no picture")
    for name in ("b.jpg", "c.jpg"):
        (tmp_path / name).write_bytes(portrait.read_bytes())
    done = fer_edge("watch", tmp_path, "--json", "--frames", "1")
    assert (done.returncode, len(done.stdout.splitlines())) == (1, 1)
    assert done.stderr.splitlines()[-1].endswith("1 could not be read and were left out")


@pytest.mark.parametrize("name", ["0", "picamera", "picamera:1"])
def test_a_camera_is_opened_again_though_a_file_has_its_name(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).touch()
    assert frame_source(name, Request()).opens_again
    assert not frame_source(f"./{name}", Request()).opens_again


def test_a_picture_named_alone_is_refused_if_it_is_none(tmp_path: Path) -> None:
    (tmp_path / "b.jpg").write_bytes(b"no picture")
    done = fer_edge("watch", tmp_path / "b.jpg")
    assert done.returncode == 1
    assert not done.stdout


def test_a_recording_that_is_not_there_is_not_waited_for() -> None:
    done = fer_edge("watch", "nowhere.mp4", "--retry")
    assert done.returncode == 1
    assert "no camera or file at 'nowhere.mp4'" in done.stderr
