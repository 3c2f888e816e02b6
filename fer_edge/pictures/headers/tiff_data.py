"""Whether the strips or tiles of a TIFF hold all of their pixels.

libtiff fills what they lack with black, and says so only in OpenCV's log. So those that are plain
or deflated are looked at here.
"""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Iterator

from fer_edge.errors import PictureError
from fer_edge.pictures.headers.header import CutShort
from fer_edge.pictures.headers.tiff import (
    BITS,
    COMPRESSION,
    HEIGHT,
    LARGEST_TILE,
    PHOTOMETRIC,
    PLANAR,
    ROWS,
    SAMPLES,
    TILE_HEIGHT,
    TILE_WIDTH,
    TILES,
    WIDTH,
    Entries,
    entries_of,
    parts_of,
)

_PLAIN_ROWS, _DEFLATED = 1, (8, 32946)
"""Compressions that can be checked here."""
_COARSE_COLOURS = 6
"""YCbCr, with less colour than brightness."""
_IN_PLANES = 2
"""Red, green and blue in parts of their own."""
_MOST_TIMES_ITS_PIXELS = 8
"""How many times the picture its tiles may be, which reach over its edges."""
_CHUNK_BYTES = 1 << 20
"""Bytes that are unpacked at a time."""


def check_data(data: bytes) -> None:
    """Look at each strip or tile.

    Only after the picture's size was looked at, because it takes as long as to decode them.

    Raises:
        CutShort: one has fewer bytes than its pixels take, or is damaged.
        PictureError: they take far more than the picture.
    """
    entries, _ = entries_of(data)
    compression = (entries.get(COMPRESSION) or (_PLAIN_ROWS,))[0]
    colour = (entries.get(PHOTOMETRIC) or (0,))[0]
    if compression not in (_PLAIN_ROWS, *_DEFLATED) or colour == _COARSE_COLOURS:
        return
    total, most = 0, _MOST_TIMES_ITS_PIXELS * 8 * entries[WIDTH][0] * entries[HEIGHT][0]
    for place, size, needed in zip(*parts_of(entries), _bytes_of_parts(entries), strict=False):
        part = memoryview(data)[place : place + size]
        total += needed
        if total > most + LARGEST_TILE * LARGEST_TILE * 8:
            raise PictureError("is damaged: its TIFF tiles are far larger than the picture")
        given = size if compression == _PLAIN_ROWS else _inflated(part, needed)
        if given < needed:
            raise CutShort("is cut short or damaged: its TIFF data end before the picture does")


def _bytes_of_parts(entries: Entries) -> Iterator[int]:
    """How many bytes the pixels of each strip or tile take."""
    width, height = entries[WIDTH][0], entries[HEIGHT][0]
    bits, samples = max(entries.get(BITS) or (1,)), (entries.get(SAMPLES) or (1,))[0]
    planes = samples if (entries.get(PLANAR) or (1,))[0] == _IN_PLANES else 1
    if entries.get(TILES):
        try:
            across, down = entries[TILE_WIDTH][0], entries[TILE_HEIGHT][0]
        except (KeyError, IndexError):
            raise PictureError("is damaged: its TIFF tiles declare no size") from None
    else:
        across, down = width, min((entries.get(ROWS) or (height,))[0], height)
    if not across or not down:
        raise PictureError("is damaged: its TIFF strips or tiles have no pixels")
    row = (across * (samples // planes) * bits + 7) // 8
    for _ in range(planes):
        for top in range(0, height, down):
            if entries.get(TILES):
                yield from itertools.repeat(row * down, -(-width // across))
            else:
                yield row * min(down, height - top)


def _inflated(part: memoryview, needed: int) -> int:
    """How many bytes come out of it; it stops behind those that are needed."""
    unpacking, given = zlib.decompressobj(), 0
    rest: bytes | memoryview = part
    try:
        # A byte more than is needed, so that the checksum behind them is looked at.
        while rest and not unpacking.eof and given <= needed:
            given += len(unpacking.decompress(rest, min(needed + 1 - given, _CHUNK_BYTES)))
            rest = unpacking.unconsumed_tail
    except zlib.error as error:
        raise CutShort(f"is damaged: its TIFF data cannot be unpacked ({error})") from None
    return given
