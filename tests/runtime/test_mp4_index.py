"""An MP4's index that leads to no frame is told of, whatever stands in it."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fer_edge.cameras.recording.boxes import read_boxes
from tests.runtime.lost_frames import FRAMES, SMALL, lost
from tests.runtime.videos import pictures, write_video


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
