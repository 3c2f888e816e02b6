"""What an MP4's boxes tell before FFmpeg sees it: too many, others behind, an index that errs."""

from __future__ import annotations

import io
import random
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fer_edge import CameraError, open_camera
from fer_edge.cameras import video
from fer_edge.cameras.recording import boxes, container_ends, index, truncation
from fer_edge.cameras.recording.boxes import Boxes, read_boxes
from tests.runtime.test_odd_recordings import SMALL, lost
from tests.runtime.videos import cut, pictures, write_video

FRAMES = 24
FRAGMENTS = {
    "fragments": "frag_keyframe+empty_moov",
    "own base": "frag_keyframe+empty_moov+default_base_moof",
    "cmaf": "cmaf",
    "no trailer": "frag_keyframe+empty_moov+skip_trailer",
    "frames before": "frag_keyframe",
    "plain": "faststart",
}


def box(name: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I4s", 8 + len(content), name) + content


FTYP, EMPTY = box(b"ftyp", b"isom\0\0\0\0isom"), box(b"free")


def of_kind(kind: str, folder: Path, codec: str = "libx264") -> bytes:
    options = {"movflags": FRAGMENTS[kind]}
    path = folder / f"{kind}.mp4"
    return write_video(path, pictures(FRAMES, *SMALL), codec=codec, options=options).read_bytes()


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
    assert read_boxes(few) == Boxes(len(few.getvalue()), False, 0, 0)
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


@pytest.mark.parametrize("second", FRAGMENTS)
@pytest.mark.parametrize("first", [kind for kind in FRAGMENTS if kind != "plain"])
def test_fragments_of_another_recording_behind_the_first_are_told(
    first: str, second: str, tmp_path: Path
) -> None:
    path = tmp_path / "joined.mp4"
    path.write_bytes(of_kind(first, tmp_path) + 2 * of_kind(second, tmp_path))
    count, told = lost(path)
    assert count == FRAMES
    assert f"{2 * FRAMES} of another recording behind it in the file are not read" in told


def test_another_codec_behind_the_first_is_told(tmp_path: Path) -> None:
    path = tmp_path / "joined.mp4"
    one, other = (of_kind("fragments", tmp_path, codec) for codec in ("libx264", "mpeg4"))
    path.write_bytes(one + other)
    count, told = lost(path)
    assert count == FRAMES
    assert f"{FRAMES} of another recording" in told


def test_a_file_that_ffmpeg_refuses_for_what_lies_behind_says_so(tmp_path: Path) -> None:
    path = tmp_path / "joined.mp4"
    path.write_bytes(of_kind("plain", tmp_path) + of_kind("fragments", tmp_path))
    with pytest.raises(CameraError, match="another recording lies behind it in the file"):
        open_camera(path)


@pytest.mark.parametrize("kind", ["own base", "cmaf"])
def test_a_beginning_that_is_repeated_before_each_fragment_is_no_other_recording(
    kind: str, tmp_path: Path
) -> None:
    data, parts, at = of_kind(kind, tmp_path), list[bytes](), 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        parts.append(data[at : at + size])
        at += size
    beginning, fragments = b"".join(parts[:2]), parts[2:]
    ends = range(2, len(fragments) + 1, 2)
    joined = [beginning + b"".join(fragments[end - 2 : end]) for end in ends]
    assert len(joined) > 1
    path = tmp_path / "repeated.mp4"
    path.write_bytes(b"".join(joined))
    assert lost(path) == (FRAMES, "")


def tampered(path: Path, table: bytes, entry: int, change: Callable[[int], int]) -> None:
    """Change a number of the index's table of sizes (`stsz`) or of chunks (`stco`)."""
    data = bytearray(path.read_bytes())
    at = data.index(table) + (16 if table == b"stsz" else 12) + 4 * entry
    data[at : at + 4] = change(int.from_bytes(data[at : at + 4], "big")).to_bytes(4, "big")
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("table", "entry", "change", "count"),
    [
        (b"stsz", FRAMES - 1, lambda size: size + 500, 1),
        (b"stsz", FRAMES - 1, lambda _: 10**6, 1),
        (b"stsz", 5, lambda size: size + 20, 1),
        (b"stsz", 1, lambda _: 10**6, FRAMES - 1),
        (b"stco", 0, lambda start: start - 40, 1),
        (b"stco", 0, lambda start: start + 7, 1),
    ],
)
def test_an_index_that_leads_outside_of_the_media_data_is_told(
    table: bytes, entry: int, change: Callable[[int], int], count: int, tmp_path: Path
) -> None:
    path = write_video(
        tmp_path / "a.mp4", pictures(FRAMES, *SMALL), codec="mjpeg", pixels="yuvj420p"
    )
    assert lost(path) == (FRAMES, "")
    tampered(path, table, entry, change)
    assert f"its index places {count} where no frame can be" in lost(path)[1]


def test_frames_that_reach_into_another_chunk_are_told(tmp_path: Path) -> None:
    path = _with_two_tracks(tmp_path / "a.mp4")
    assert lost(path) == (FRAMES, "")
    data = path.read_bytes()
    chunks = int.from_bytes(data[data.index(b"stco") + 8 :][:4], "big")
    assert chunks > 1, "the tracks' frames lie in turns"
    tampered(path, b"stsz", 0, lambda size: size + 30)
    assert "its index places 1 where no frame can be" in lost(path)[1]


def _with_two_tracks(path: Path) -> Path:
    av: Any = pytest.importorskip("av")
    with av.open(str(path), "w") as container:
        streams = [container.add_stream("mjpeg", rate=30) for _ in range(2)]
        for stream in streams:
            stream.width, stream.height = SMALL
            stream.pix_fmt = "yuvj420p"
        for image in pictures(FRAMES, *SMALL):
            for stream in streams:
                for packet in stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")):
                    container.mux(packet)
    return path


def test_whatever_stands_in_an_index_it_is_read(tmp_path: Path) -> None:
    whole = _with_two_tracks(tmp_path / "a.mp4").read_bytes()
    begin, told = whole.index(b"moov") - 4, set[bool]()
    for seed in range(300):
        chance, data = random.Random(seed), bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            place = chance.randrange(begin + 8, len(data))
            data[place] = chance.choice([0, 1, 255, chance.randrange(256)])
        del data[chance.randrange(begin, len(data) + 500) :]
        misplaced = read_boxes(io.BytesIO(bytes(data))).misplaced
        assert 0 <= misplaced <= FRAMES
        told.add(misplaced > 0)
    assert told == {False, True}
