"""Cutting JPEG pictures out of bytes, however they come."""

from __future__ import annotations

import io
import os
import struct
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fer_edge import open_camera
from fer_edge.cameras.streams.jpeg_stream import JpegStream
from fer_edge.cameras.streams.messages import MESSAGE_KINDS, Message, Messages
from fer_edge.pictures.decoding import decode_picture
from tests.runtime.senders import PICTURES, picture, writing


def cut(data: bytes, steps: list[int]) -> tuple[list[bytes], int]:
    """The pictures of data that come in pieces, and how many were damaged."""
    stream, found, file = JpegStream(), [], io.BytesIO(data)
    while piece := file.read(steps[file.tell() % len(steps)]):
        stream.feed(piece)
        while (jpeg := stream.picture()) is not None:
            found.append(jpeg)
    stream.finish()
    return found, stream.damaged


def noise(seed: int, *options: int) -> bytes:
    image = np.random.default_rng(seed).integers(0, 256, (40, 60, 3), np.uint8)
    return cv2.imencode(".jpg", image, options)[1].tobytes()


BUSY = noise(0)
PROGRESSIVE = noise(1, cv2.IMWRITE_JPEG_PROGRESSIVE, 1)
RESTARTS = noise(2, cv2.IMWRITE_JPEG_RST_INTERVAL, 2)
THUMBNAIL = PICTURES[0][:2] + b"\xff\xe1" + (len(PICTURES[3]) + 2).to_bytes(2, "big")
THUMBNAIL += PICTURES[3] + BUSY[2:]


@given(st.lists(st.integers(1, 4000), min_size=1, max_size=9))
@settings(max_examples=60, deadline=None)
def test_how_the_bytes_come_makes_no_difference(steps: list[int]) -> None:
    pictures = [BUSY, PROGRESSIVE, RESTARTS, THUMBNAIL, *PICTURES]
    assert cut(b"\r\n--x\r\n\xff\xff\xd8\r\n".join(pictures), steps) == (pictures, 0)


@given(st.binary(max_size=300), st.integers(0, 5), st.integers(0, len(BUSY)))
@settings(max_examples=200, deadline=None)
def test_a_picture_after_damage_is_found(rubbish: bytes, kind: int, kept: int) -> None:
    damaged = [BUSY, PROGRESSIVE, RESTARTS, THUMBNAIL, PICTURES[0], b""][kind][:kept]
    # A damaged length leads astray over 64 kB at most.
    data = damaged + rubbish.replace(b"\xff", b"\0") + BUSY + PICTURES[5] * 200 + PICTURES[6]
    found, count = cut(data, [1000])
    assert found[-1] == PICTURES[6]
    assert count <= 80


@pytest.mark.parametrize("cut_at", [700, len(BUSY) // 2, len(BUSY) - 2])
def test_a_damaged_picture_s_thumbnail_is_no_picture(cut_at: int) -> None:
    found, damaged = cut(THUMBNAIL[: len(PICTURES[3]) + cut_at] + PICTURES[6], [100])
    assert found == [PICTURES[6]]
    assert damaged == 1


@given(st.binary(max_size=2000))
def test_any_bytes_may_come(data: bytes) -> None:
    cut(data, [7])


def test_what_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fer_edge.cameras.streams.jpeg_stream.LARGEST_PICTURE_BYTES", 100_000)
    endless = picture(3)[:-2] + bytes(200_000)
    found, damaged = cut(endless + PICTURES[4], [5000])
    assert found == [PICTURES[4]]
    assert damaged == 1


QUARTERS = np.repeat(np.repeat(np.array([[0, 80], [160, 240]], np.uint8), 32, axis=0), 48, axis=1)


def turned_jpeg(turn: int) -> bytes:
    """A picture of four quarters, with an EXIF orientation."""
    fields = struct.pack(">HIHHHIHHI", 42, 8, 1, 0x112, 3, 1, turn, 0, 0)
    exif = b"\xff\xe1\0\x22Exif\0\0MM" + fields
    plain = cv2.imencode(".jpg", QUARTERS)[1].tobytes()
    return plain[:2] + exif + plain[2:]


@pytest.mark.parametrize("turn", range(1, 9))
def test_pictures_are_turned_and_mirrored_as_those_of_files(turn: int, tmp_path: Path) -> None:
    data = turned_jpeg(turn)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with writing(pipe, data), open_camera(pipe) as camera:
        seen = next(camera).image
    wanted = decode_picture(data)
    assert seen.shape == wanted.shape
    assert np.abs(seen.astype(int) - wanted).mean() < 5


@given(
    st.lists(st.tuples(st.sampled_from(MESSAGE_KINDS), st.binary(max_size=50))), st.integers(1, 30)
)
def test_messages_come_through_a_pipe(sent: list[tuple[str, bytes]], step: int) -> None:
    data = b"".join(Message(*message).to_bytes() for message in sent)
    messages, found = Messages(), []
    for at in range(0, len(data), step):
        messages.feed(data[at : at + step])
        while (message := messages.next()) is not None:
            found.append((message.kind, message.data))
    assert found == sent
