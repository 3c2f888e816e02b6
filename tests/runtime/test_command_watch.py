"""`fer-edge watch` prints frames and events as they come, for programs and for people."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runtime.command_line import FER_EDGE, fer_edge


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


@pytest.mark.parametrize(
    ("frames", "told"),
    [
        (1, []),
        (2, ["appears", "leaves"]),
        (13, ["appears", "leaves"]),
        (14, ["appears", "is", "leaves"]),
    ],
)
def test_only_so_many_frames_are_told_of(frames: int, told: list[str]) -> None:
    """Also if another one was read meanwhile."""
    for _ in range(3):
        lines = fer_edge("watch", "sample", "--frames", str(frames)).stdout.splitlines()
        assert [line.split()[4].rstrip(":,") for line in lines] == told


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


def test_frames_are_turned_and_mirrored_on_request() -> None:
    plain, turned = (
        json.loads(fer_edge("watch", "sample", "--json", "--frames", "1", *words).stdout)
        for words in ([], ["--rotate", "90", "--mirror"])
    )
    assert plain["size"] == [640, 480]
    assert turned["size"] == [480, 640]
