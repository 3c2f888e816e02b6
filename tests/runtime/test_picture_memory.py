"""A small file that declares an enormous picture is refused before it takes memory."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image as Pil

from fer_edge import PictureError, read_picture
from fer_edge.command.peak_memory import peak_memory_mb
from fer_edge.errors import ArgumentError
from fer_edge.pictures.decoding import decode_picture
from tests.runtime.leaks import peak_from_now_mb
from tests.runtime.picture_files import FILES, HAS_GIF, saved


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of(width: int, height: int, data: bytes) -> bytes:
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", data)
        + chunk(b"IEND", b"")
    )


def enormous(name: str) -> bytes:
    """A small file of each kind that declares 20000x20000 pixels."""
    data, side = bytearray(FILES[name]), 20000
    if name == "png":
        return png_of(side, side, zlib.compress(bytes(100_000)))
    if name == "jpeg":
        at = data.index(b"\xff\xc0")
        data[at + 5 : at + 9] = struct.pack(">HH", side, side)
    elif name == "bmp":
        # Run-length coded: the file's length says nothing.
        data[18:26] = struct.pack("<ii", side, -side)
        data[28:34] = struct.pack("<HI", 8, 1)
    elif name == "webp animated":
        at = data.index(b"VP8X")
        data[at + 12 : at + 18] = 2 * (side - 1).to_bytes(3, "little")
    elif name == "tiff":
        place = int.from_bytes(data[4:8], "little") + 2
        for at in range(place, place + 24, 12):
            if bytes(data[at : at + 2]) in (b"\0\x01", b"\x01\x01"):
                data[at + 2 : at + 12] = struct.pack("<HII", 4, 1, side)
    elif name == "gif":
        data[6:10] = struct.pack("<HH", side, side)
    return bytes(data)


@pytest.mark.parametrize(
    "name", ["png", "jpeg", "bmp", "webp animated", "tiff", *(["gif"] if HAS_GIF else [])]
)
def test_an_enormous_picture_is_refused_before_memory_is_taken(name: str, tmp_path: Path) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(enormous(name))
    before = peak_from_now_mb()
    with pytest.raises(PictureError, match="declares 20000x20000 = 400,000,000 pixels, at most"):
        read_picture(path)
    assert peak_memory_mb() - before < 50


def test_a_tiff_of_endless_lists_takes_no_memory() -> None:
    """60,000 entries that all point at the same million numbers."""
    entries = b"".join(struct.pack("<HHII", tag, 4, 500_000, 8) for tag in range(60_000))
    start = 8 + 2_000_000
    data = b"II*\0" + struct.pack("<I", start) + bytes(2_000_000)
    data += struct.pack("<H", 60_000) + entries + bytes(4)
    before = peak_from_now_mb()
    with pytest.raises(PictureError, match="is damaged: its TIFF entry 254 has 500,000 numbers"):
        decode_picture(data)
    assert peak_memory_mb() - before < 50


def test_max_pixels_is_exact_and_checked(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(FILES["png"])
    assert read_picture(path, 160 * 160).shape == (160, 160, 3)
    assert read_picture(str(path), np.int64(160 * 160)).shape == (160, 160, 3)  # type: ignore[arg-type]
    told = "160x160 = 25,600 pixels, at most 25,599 .* or fer-edge photo --max-pixels"
    with pytest.raises(PictureError, match=told):
        read_picture(path, max_pixels=160 * 160 - 1)
    for wrong in (0, -1, True, 1.5, "100", None):
        with pytest.raises(ArgumentError, match="max_pixels must be a whole number above 0"):
            read_picture(path, max_pixels=wrong)  # type: ignore[arg-type]


def test_a_file_that_is_longer_than_its_pixels_can_be_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "long.jpg"
    path.write_bytes(FILES["jpeg"])
    os.truncate(path, 5 << 30)
    before = peak_from_now_mb()
    with pytest.raises(PictureError, match=r"long.jpg is a file of 5,368,709,120 bytes"):
        read_picture(path)
    assert peak_memory_mb() - before < 50


@pytest.mark.parametrize("kind", ["pgm", "png", "tiff"])
def test_a_side_that_no_decoder_takes_is_told_by_its_length(kind: str) -> None:
    """Each has few pixels, and is whole."""
    if kind == "pgm":
        data = b"P5 2000000 1 255\n" + bytes(2_000_000)
    elif kind == "png":
        data = png_of(2_000_000, 1, zlib.compress(bytes(1 + 3 * 2_000_000)))
    else:
        data = saved("TIFF", Pil.new("L", (2_000_000, 1)))
    with pytest.raises(PictureError, match="declares 2000000x1 pixels, at most 1,000,000 a side"):
        decode_picture(data)


def test_want_of_memory_is_no_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    def poor(*_: object) -> None:
        error = cv2.error("Failed to allocate 299940003 bytes")
        error.code = -4
        raise error

    monkeypatch.setattr(cv2, "imdecode", poor)
    with pytest.raises(PictureError, match=r"^needs more memory than there is"):
        decode_picture(FILES["jpeg"])
