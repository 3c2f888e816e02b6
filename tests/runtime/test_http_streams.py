"""Streams, films and snapshots of real HTTP servers are read to their ends."""

from __future__ import annotations

import pytest

from fer_edge import CameraError
from fer_edge.cameras.url_stream import UrlStream
from tests.runtime.leaks import nothing_left
from tests.runtime.senders import (
    COUNT,
    HEAD,
    PICTURES,
    at,
    body,
    levels,
    part,
    serving,
    video,
)

av = pytest.importorskip("av")


def chunked(*pieces: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(data), data) for data in pieces)


def test_a_camera_s_multipart_stream_is_read_until_it_breaks() -> None:
    with (
        nothing_left(),
        serving(HEAD, *map(part, PICTURES)) as server,
        UrlStream(at(server)) as camera,
    ):
        frames = [next(camera) for _ in range(COUNT)]
        with pytest.raises(CameraError, match="the server ended the stream"):
            next(camera)
        assert list(camera) == []
    assert [round(float(frame.image.mean()) / 20) for frame in frames] == list(range(COUNT))
    assert {(frame.clock, frame.moment) for frame in frames} == {("monotonic", "arrival")}


@pytest.mark.parametrize(
    "parts",
    [
        # A wrong length, none, and a boundary with other dashes: some cameras are like that.
        [b"--x\r\nContent-Length: 7\r\n\r\n" + data for data in PICTURES],
        [b"--x\r\n\r\n" + data for data in PICTURES],
        [b"\n----x\nContent-type: image/jpeg\n\n" + data for data in PICTURES],
        PICTURES,
    ],
)
def test_cameras_that_tell_little_or_wrongly_are_read(parts: list[bytes]) -> None:
    with serving(HEAD, *parts) as server, UrlStream(at(server)) as camera:
        assert [round(next(camera).image.mean() / 20) for _ in range(COUNT)] == list(range(COUNT))
        assert camera.skipped == 0


def test_an_answer_may_come_late_and_in_pieces() -> None:
    pieces = [b"HTTP/1.1 100 Continue\r\n\r\n", HEAD[:20], HEAD[20:], *map(part, PICTURES)]
    with serving(*pieces, pause=0.08) as server, UrlStream(at(server)) as camera:
        assert camera.size is None
        assert next(camera).index == 0
        assert camera.size == (64, 48)


def test_an_esp32_s_chunks_are_taken_apart() -> None:
    head = HEAD.replace(b"Connection", b"Transfer-Encoding: chunked\r\nConnection")
    pieces = [
        piece
        for data in PICTURES
        for piece in (chunked(b"\r\n--frame\r\n"), chunked(data[:200]), chunked(data[200:]))
    ]
    with serving(head, *pieces) as server, UrlStream(at(server)) as camera:
        assert [round(next(camera).image.mean() / 20) for _ in range(COUNT)] == list(range(COUNT))
        with pytest.raises(CameraError, match="middle of the stream"):
            next(camera)


# MP4 in fragments is what can be read as it comes; "ismv" is FFmpeg's name of one kind.
@pytest.mark.parametrize("container", ["mpegts", "matroska", "ismv"])
def test_a_whole_file_ends_regularly(container: str) -> None:
    data = video(container, "libx264")
    with serving(body("video/any", data)) as server, UrlStream(at(server)) as camera:
        assert len(list(camera)) == 30
    with (
        serving(body("video/any", data)[: -len(data) // 3]) as server,
        UrlStream(at(server)) as camera,
        pytest.raises(CameraError, match="the server ended the stream"),
    ):
        list(camera)


@pytest.mark.skipif(
    int(getattr(av, "__version__", "0").split(".")[0]) < 12,
    reason="older PyAVs do not tell how a film is turned",
)
def test_a_film_that_was_held_upright_is_turned() -> None:
    one, none, unit = b"\0\1\0\0", bytes(4), b"\x40\0\0\0"
    straight = one + none * 3 + one + none * 3 + unit
    quarter = none + one + none + b"\xff\xff\0\0" + none * 4 + unit
    data = video("ismv", "libx264")
    place = data.index(straight, data.index(b"tkhd"))
    data = data[:place] + quarter + data[place + len(quarter) :]
    with serving(body("video/mp4", data)) as server, UrlStream(at(server)) as camera:
        assert next(camera).image.shape == (64, 48, 3)
        assert camera.size == (48, 64)


def test_a_stream_whose_last_chunk_came_is_whole() -> None:
    data = video("mpegts", "libx264")
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    pieces = [chunked(data[at : at + 1000]) for at in range(0, len(data), 1000)]
    with serving(head, *pieces, chunked(b"")) as server, UrlStream(at(server)) as camera:
        assert len(list(camera)) == 30


def test_a_snapshot_is_one_frame() -> None:
    with serving(body("image/jpeg", PICTURES[4])) as server, UrlStream(at(server)) as camera:
        assert levels(camera) == [4]
