"""Only so many boxes of an MP4, or parts of another container, are looked at before FFmpeg."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from fer_edge import CameraError, open_camera
from fer_edge.cameras import video
from fer_edge.cameras.recording import boxes, container_ends, index, truncation
from fer_edge.cameras.recording.boxes import Boxes, read_boxes
from tests.runtime.lost_frames import FRAMES, SMALL, lost
from tests.runtime.videos import cut, pictures, write_video


def box(name: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I4s", 8 + len(content), name) + content


FTYP, EMPTY = box(b"ftyp", b"isom\0\0\0\0isom"), box(b"free")


class Counting(io.BytesIO):
    """Counts how often it is read, and how many bytes it gives."""

    reads = given = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.reads, self.given = self.reads + 1, self.given + len(data)
        return data


def nested(names: list[bytes], content: bytes) -> bytes:
    for name in reversed(names):
        content = box(name, content)
    return content


@pytest.mark.parametrize(
    "make",
    [
        lambda empty: FTYP + empty,
        lambda empty: box(b"what") + FTYP + empty,
        lambda empty: FTYP + box(b"moov", empty),
        lambda empty: FTYP + nested([b"moov", b"trak", b"mdia", b"minf", b"stbl"], empty),
        lambda empty: FTYP + box(b"mdat") + FTYP + box(b"moov", empty),
    ],
    ids=["outermost", "unknown first", "in an index", "in a table", "in a second index"],
)
def test_too_many_boxes_are_refused_before_ffmpeg_sees_them(
    make: Callable[[bytes], bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boxes, "MOST_BOXES", 1000)
    monkeypatch.setattr(index, "MOST_BOXES", 1000)
    monkeypatch.setattr(video, "open_container", lambda *_: pytest.fail("FFmpeg was asked"))
    path = tmp_path / "a.mp4"
    path.write_bytes(make(EMPTY * 1001))
    with pytest.raises(CameraError, match=r"a\.mp4 has more than 1,000 boxes") as raised:
        open_camera(path)
    assert len(str(raised.value).splitlines()) == 1


def test_boxes_are_gone_through_once_and_no_further_than_the_limit() -> None:
    file = Counting(FTYP + EMPTY * (index.MOST_BOXES + 10))
    with pytest.raises(CameraError, match="more than 1,000,000 boxes"):
        read_boxes(file)
    assert file.given < 1.1 * len(file.getvalue())
    few = Counting(FTYP + EMPTY * 100 + box(b"mdat", bytes(100_000)) + EMPTY)
    assert read_boxes(few) == Boxes(len(few.getvalue()), False, 0, 0, lacks_index=True)
    assert few.given < 20_000
    assert few.tell() == 0


def test_a_recording_with_a_fragment_for_each_frame_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    options = {"movflags": "frag_every_frame+empty_moov"}
    write_video(path, pictures(FRAMES, *SMALL), options=options)
    assert lost(path) == (FRAMES, "")


@pytest.mark.parametrize(
    ("name", "codec", "pixels", "form"),
    [
        ("a.gif", "gif", "rgb8", None),
        ("a.flv", "flv", "yuv420p", None),
        ("a.avi", "mpeg4", "yuv420p", None),
        ("a.mkv", "libx264", "yuv420p", None),
    ],
)
def test_of_other_containers_only_so_many_parts_are_looked_at(
    name: str,
    codec: str,
    pixels: str,
    form: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in (container_ends, truncation):
        monkeypatch.setattr(module, "MOST_PARTS", 10)
    path = write_video(
        tmp_path / name, pictures(FRAMES, *SMALL), codec=codec, pixels=pixels, form=form
    )
    assert lost(path) == (FRAMES, "")
    cut(path, 0.5)
    count, told = lost(path)
    assert 0 < count < FRAMES
    assert "cut short" in told


@pytest.mark.parametrize(
    "start",
    [
        b"GIF89a\x10\0\x10\0\0\0\0!\xfe" + b"\x01a" * 2000,
        b"FLV\1\1\0\0\0\x09\0\0\0\0" + (b"\x12" + bytes(13) + b"\x0b") * 2000,
        b"RIFF\4\0\0\0AVI " + b"RIFF\2\0\0\0AV" * 2000,
        bytes.fromhex("1A45DFA3801853806701FFFFFFFFFFFFFF") + b"\xec\x80" * 2000,
    ],
    ids=["gif", "flv", "avi", "matroska"],
)
def test_tiny_parts_are_not_all_read(start: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (container_ends, truncation):
        monkeypatch.setattr(module, "MOST_PARTS", 100)
    file = Counting(start)
    truncation.missing_bytes(file, Boxes(0, False, 0, 0))
    assert file.reads < 300


def test_a_file_that_became_shorter_meanwhile_is_told() -> None:
    class Shrunk(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return b""

    with pytest.raises(CameraError, match="became shorter"):
        read_boxes(Shrunk(FTYP))
