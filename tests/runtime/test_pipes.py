"""Pictures and videos come through a pipe or standard input, each as soon as it is whole."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fer_edge.cameras.byte_stream import ByteStream
from fer_edge.cameras.request import Request
from tests.conftest import ROOT
from tests.runtime.leaks import nothing_left
from tests.runtime.senders import (
    COUNT,
    PICTURES,
    levels,
    picture,
    video,
    writing,
)

pytest.importorskip("av")


def test_a_fifo_gives_its_pictures_and_ends_with_its_writer(fifo: Path) -> None:
    with nothing_left(), writing(fifo, *PICTURES, pause=0.005), ByteStream(fifo) as camera:
        frames = list(camera)
        assert camera.size == (64, 48)
        assert list(camera) == []
    assert [frame.index for frame in frames] == list(range(COUNT))
    assert {(frame.clock, frame.moment) for frame in frames} == {("monotonic", "arrival")}
    assert all(frame.age is not None and 0 <= frame.age < 60 for frame in frames)
    assert [round(float(frame.image.mean()) / 20) for frame in frames] == list(range(COUNT))


def test_a_frame_s_time_is_that_of_its_bytes_and_not_of_its_decoding(fifo: Path) -> None:
    with ByteStream(fifo) as camera, fifo.open("wb", buffering=0) as writer:
        # So few bytes come together, or not at all.
        writer.write(b"".join(PICTURES[:3]))
        times = {next(camera).timestamp for _ in range(3)}
    assert len(times) == 1


def test_a_picture_is_given_before_the_next_one_comes(fifo: Path) -> None:
    with ByteStream(fifo) as camera, fifo.open("wb", buffering=0) as writer:
        for data in PICTURES:
            # Only the first half, then the rest: no byte of another picture is needed.
            writer.write(data[: len(data) // 2])
            writer.write(data[len(data) // 2 :])
            next(camera)


@pytest.mark.parametrize(
    ("container", "codec"),
    [
        ("mpegts", "libx264"),
        ("matroska", "libx264"),
        ("h264", "libx264"),
        ("avi", "mjpeg"),
        ("matroska", "libvpx"),
    ],
)
def test_what_ffmpeg_knows_can_come_through_a_pipe(container: str, codec: str, fifo: Path) -> None:
    data = video(container, codec)
    with nothing_left(), writing(fifo, data), ByteStream(fifo) as camera:
        brightness = [float(frame.image.mean()) for frame in camera]
        assert camera.skipped == 0
    assert len(brightness) == 30
    assert np.allclose(brightness, 8 * np.arange(30), atol=4)


def test_a_transport_stream_lags_by_one_picture_at_most(fifo: Path) -> None:
    whole = video("mpegts", "libx264", 40, tune="zerolatency", preset="ultrafast")
    # Where the packet that begins a picture begins: 188 bytes each, the video's with its flag.
    starts = [
        at
        for at in range(0, len(whole), 188)
        if whole[at + 1] & 0x40 and whole[at + 1 : at + 3] == b"\x41\x00"
    ]
    assert len(starts) == 40
    with ByteStream(fifo) as camera, fifo.open("wb", buffering=0) as writer:
        writer.write(whole[: starts[10]])
        for index in range(8):
            assert next(camera).index == index
        for index, (start, end) in enumerate(itertools.pairwise(starts[10:])):
            # The next picture's first packet is what tells that this one is whole.
            writer.write(whole[start:end])
            assert next(camera).index == 8 + index


def test_damage_is_counted_and_read_past(fifo: Path) -> None:
    broken = bytearray(picture(100, (320, 240)))
    pieces = (
        PICTURES[0],
        PICTURES[1][:300],
        PICTURES[2],
        b"between pictures anything may lie: \xff\xd8 \xff\xff",
        PICTURES[3][:-2],
        PICTURES[4],
        bytes(broken[: len(broken) // 2]) + b"\xff\xd9",
        PICTURES[5],
        PICTURES[6][:200],
    )
    with writing(fifo, *pieces), ByteStream(fifo) as camera:
        assert levels(camera) == [0, 2, 4, 5]
        assert camera.skipped == 4


def test_a_picture_of_a_hundred_megapixels_costs_no_memory(fifo: Path) -> None:
    huge = bytearray(PICTURES[1])
    frame = huge.find(b"\xff\xc0")
    huge[frame + 5 : frame + 9] = b"\xff\xf0\xff\xf0"
    with writing(fifo, bytes(huge), PICTURES[2]), ByteStream(fifo) as camera:
        assert levels(camera) == [2]
        assert camera.skipped == 1


def test_pictures_with_exif_data_are_read(fifo: Path) -> None:
    # What a telephone held upright writes: FFmpeg 8 gives it on, in a kind that PyAV 18 refuses.
    notes = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    exif = b"\xff\xe1" + (len(notes) + 8).to_bytes(2, "big") + b"Exif\0\0" + notes
    pieces = [one[:2] + exif + one[2:] for one in PICTURES]
    with writing(fifo, *pieces), ByteStream(fifo) as camera:
        assert levels(camera) == list(range(COUNT))
        assert camera.skipped == 0


def test_frames_are_turned_and_their_size_is_told(
    fifo: Path, caplog: pytest.LogCaptureFixture
) -> None:
    request = Request(size=(640, 480), rotate=90)
    with writing(fifo, *PICTURES), ByteStream(fifo, request) as camera:
        assert next(camera).image.shape == (64, 48, 3)
        assert camera.size == (48, 64)
    assert "gives 64x48, not the 640x480" in caplog.text


def test_standard_input_is_a_source() -> None:
    code = (
        "from fer_edge.cameras.byte_stream import ByteStream\n"
        "with ByteStream(None) as camera:\n"
        "    print(len(list(camera)), camera.name)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], input=b"".join(PICTURES), capture_output=True, cwd=ROOT
    )
    assert run.stdout.decode() == f"{COUNT} standard input\n"
    assert not run.stderr
    closed = subprocess.run(
        ["sh", "-c", f'exec "{sys.executable}" -c "{code}" <&-'], capture_output=True, cwd=ROOT
    )
    assert b"CameraError: standard input is closed" in closed.stderr
