"""Strips and tiles of a TIFF hold all of their pixels, or the picture is refused."""

from __future__ import annotations

import itertools
import struct
import zlib
from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image as Pil

from fer_edge import PictureError
from fer_edge.pictures.decoding import decode_picture
from tests.runtime.picture_files import saved

SIDE, TILE = 64, 32
PIXELS = np.random.default_rng(1).integers(0, 256, (SIDE, SIDE), np.uint8)
PLAIN, DEFLATED = 1, 8


def tiff_of(
    parts: Sequence[bytes],
    *,
    compression: int = PLAIN,
    rows: int = SIDE,
    tiles: bool = False,
    orientation: int = 1,
) -> bytes:
    """A grey TIFF of so many strips or tiles, directory last."""
    places = list(itertools.accumulate((len(part) for part in parts[:-1]), initial=8))
    lists = [(324, places), (325, [len(part) for part in parts])]
    entries = {256: SIDE, 257: SIDE, 258: 8, 259: compression, 262: 1, 274: orientation, 277: 1}
    if tiles:
        entries |= {322: TILE, 323: TILE}
    else:
        entries |= {278: rows}
        lists = [(number - 51 if number == 324 else 279, values) for number, values in lists]
    data = b"".join(parts)
    rows_of = {
        number: struct.pack("<HHII", number, 4, 1, value) for number, value in entries.items()
    }
    for number, values in lists:
        packed = struct.pack(f"<{len(values)}I", *values)
        where = struct.unpack("<I", packed)[0] if len(values) == 1 else 8 + len(data)
        rows_of[number] = struct.pack("<HHII", number, 4, len(values), where)
        data += packed if len(values) > 1 else b""
    directory = struct.pack("<H", len(rows_of)) + b"".join(rows_of[key] for key in sorted(rows_of))
    return b"II*\0" + struct.pack("<I", 8 + len(data)) + data + directory + bytes(4)


def strips(rows: int) -> list[bytes]:
    return [PIXELS[top : top + rows].tobytes() for top in range(0, SIDE, rows)]


def tiles() -> list[bytes]:
    corners = itertools.product(range(0, SIDE, TILE), repeat=2)
    return [PIXELS[top : top + TILE, left : left + TILE].tobytes() for top, left in corners]


@pytest.mark.parametrize("rows", [SIDE, 24])
@pytest.mark.parametrize("compression", [PLAIN, DEFLATED])
def test_whole_strips_are_read_and_short_ones_refused(rows: int, compression: int) -> None:
    raw = strips(rows)
    packed = [zlib.compress(part) for part in raw] if compression == DEFLATED else raw
    whole = decode_picture(tiff_of(packed, compression=compression, rows=rows))
    np.testing.assert_array_equal(whole[:, :, 0], PIXELS)
    short = [zlib.compress(part[:-1]) if compression == DEFLATED else part[:-1] for part in raw]
    for place in range(len(packed)):
        damaged = [*packed[:place], short[place], *packed[place + 1 :]]
        with pytest.raises(PictureError, match="is cut short or damaged: its TIFF data end before"):
            decode_picture(tiff_of(damaged, compression=compression, rows=rows))


@pytest.mark.parametrize("place", [0.1, 0.5, 1.0])
def test_a_flipped_bit_of_deflated_strips_is_noticed(place: float) -> None:
    packed = bytearray(zlib.compress(PIXELS.tobytes()))
    packed[min(int(place * len(packed)), len(packed) - 1)] ^= 0x10
    with pytest.raises(PictureError, match="is damaged: its TIFF data cannot be unpacked"):
        decode_picture(tiff_of([bytes(packed)], compression=DEFLATED))


def test_whole_tiles_are_read_and_short_ones_refused() -> None:
    np.testing.assert_array_equal(decode_picture(tiff_of(tiles(), tiles=True))[:, :, 0], PIXELS)
    *others, last = tiles()
    with pytest.raises(PictureError, match="its TIFF data end before the picture does"):
        decode_picture(tiff_of([*others, last[:-1]], tiles=True))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_turned_tiles_are_right_or_refused(orientation: int) -> None:
    """OpenCV puts tiles into wrong places for some orientations, and strips for none."""
    expected = decode_picture(tiff_of([PIXELS.tobytes()], orientation=orientation))
    data = tiff_of(tiles(), tiles=True, orientation=orientation)
    if orientation in (2, 3, 6, 7):
        with pytest.raises(PictureError, match="is a TIFF in tiles that is to be turned"):
            decode_picture(data)
    else:
        np.testing.assert_array_equal(decode_picture(data), expected)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "1", "CMYK", "I;16"])
@pytest.mark.parametrize("compression", [None, "tiff_adobe_deflate"])
def test_what_pillow_saves_is_whole(mode: str, compression: str | None) -> None:
    picture = Pil.new(mode, (37, 23))
    assert decode_picture(saved("TIFF", picture, compression=compression)).shape == (23, 37, 3)


def test_tiles_far_larger_than_the_picture_are_refused_at_once() -> None:
    bomb = zlib.compress(bytes(1 << 20))
    data = bytearray(tiff_of([bomb] * 4, compression=DEFLATED, tiles=True))
    for number in (322, 323):
        place = data.rindex(struct.pack("<HHI", number, 4, 1)) + 8
        data[place : place + 4] = struct.pack("<I", 1 << 14)
    with pytest.raises(PictureError, match=r"tiles are far larger|its TIFF data end before"):
        decode_picture(bytes(data))
