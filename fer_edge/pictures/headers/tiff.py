"""TIFF (6.0, and BigTIFF): a directory of entries, and strips or tiles of pixels."""

from __future__ import annotations

import itertools
import struct
import zlib
from collections.abc import Iterator

from fer_edge.errors import PictureError
from fer_edge.pictures.headers.header import CutShort, Header

MAGICS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_SUBFILE, _WIDTH, _HEIGHT, _BITS, _SAMPLES = 254, 256, 257, 258, 277
_COMPRESSION, _PHOTOMETRIC, _ORIENTATION, _ROWS, _PLANAR = 259, 262, 274, 278, 284
_EXTRA, _FORMAT, _DNG = 338, 339, 50706
_STRIPS, _STRIP_SIZES, _TILES, _TILE_SIZES = 273, 279, 324, 325
_TILE_WIDTH, _TILE_HEIGHT = 322, 323
_LARGEST_TILE = 1 << 14
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
_KINDS = {1: "B", 3: "H", 4: "I", 16: "Q"}
"""The types of whole numbers; entries of other types are ignored."""
_WHOLE = 1
"""The sample format of unsigned whole numbers."""
_WRONG_WITH_TILES = (2, 3, 6, 7)
"""Orientations with which OpenCV puts each tile into a wrong place."""
_THUMBNAIL = 1
"""The flag of a reduced copy, which is what cameras' raw files begin with."""

_MULTIPLIED, _PLAIN = (1,), (2,)
"""What an extra channel is, if it is alpha: colours multiplied by it, or not."""
_LISTS = (_STRIPS, _STRIP_SIZES, _TILES, _TILE_SIZES)
_NEEDED = (
    *_LISTS,
    *(_SUBFILE, _WIDTH, _HEIGHT, _BITS, _SAMPLES, _EXTRA, _FORMAT, _DNG),
    *(_COMPRESSION, _PHOTOMETRIC, _ORIENTATION, _ROWS, _PLANAR),
    *(_TILE_WIDTH, _TILE_HEIGHT),
)
MOST_PARTS = 1 << 19
"""Strips or tiles: more than 100 megapixels have in tiles of 16x16."""
MOST_ENTRY_NUMBERS = 16
"""In an entry that is not a list of parts: one for each channel."""

Entries = dict[int, tuple[int, ...]]


def read(data: bytes) -> Header:
    """The header of the first page, whose strips or tiles must all be there."""
    entries, several = _entries(data)
    _refuse_raw(data, entries)
    try:
        width, height = entries[_WIDTH][0], entries[_HEIGHT][0]
    except (KeyError, IndexError):
        raise PictureError("is damaged: its TIFF directory declares no size") from None
    _refuse_numbers(entries)
    if max((*entries.get(_TILE_WIDTH, ()), *entries.get(_TILE_HEIGHT, ())), default=0) > (
        _LARGEST_TILE
    ):
        raise PictureError(f"has TIFF tiles of more than {_LARGEST_TILE} pixels a side")
    if entries.get(_TILES) and set(entries.get(_ORIENTATION, ())) & {*_WRONG_WITH_TILES}:
        raise PictureError(
            "is a TIFF in tiles that is to be turned, which OpenCV does wrongly: save it as JPEG "
            "or PNG"
        )
    places, sizes = _parts(entries)
    # Old writers leave the sizes out; then the places alone must lie in the file.
    ends = [a + b for a, b in zip(places, sizes, strict=False)] or [place + 1 for place in places]
    if not places or max(ends) > len(data):
        raise CutShort("is cut short: its TIFF data end before the picture does")
    kinds = entries.get(_EXTRA, ())[:1]
    # libtiff multiplies 8 bits by their alpha, and leaves 16 as they are.
    return Header(
        "TIFF",
        width,
        height,
        alpha=kinds in (_MULTIPLIED, _PLAIN),
        premultiplied=kinds == _MULTIPLIED or max(entries.get(_BITS, (1,)), default=1) <= 8,
        several=several,
    )


def check_data(data: bytes) -> None:
    """Unpack strips or tiles that are plain or deflated: libtiff fills what they lack with black.

    Only after the size was looked at, because it takes as long as to decode them.

    Raises:
        CutShort: one has fewer bytes than its pixels take, or is damaged.
        PictureError: they take far more than the picture.
    """
    entries, _ = _entries(data)
    compression = (entries.get(_COMPRESSION) or (_PLAIN_ROWS,))[0]
    colour = (entries.get(_PHOTOMETRIC) or (0,))[0]
    if compression not in (_PLAIN_ROWS, *_DEFLATED) or colour == _COARSE_COLOURS:
        return
    total, most = 0, _MOST_TIMES_ITS_PIXELS * 8 * entries[_WIDTH][0] * entries[_HEIGHT][0]
    for place, size, needed in zip(*_parts(entries), _bytes_of_parts(entries), strict=False):
        part = memoryview(data)[place : place + size]
        total += needed
        if total > most + _LARGEST_TILE * _LARGEST_TILE * 8:
            raise PictureError("is damaged: its TIFF tiles are far larger than the picture")
        given = size if compression == _PLAIN_ROWS else _inflated(part, needed)
        if given < needed:
            raise CutShort("is cut short or damaged: its TIFF data end before the picture does")


def _bytes_of_parts(entries: Entries) -> Iterator[int]:
    """How many bytes the pixels of each strip or tile take."""
    width, height = entries[_WIDTH][0], entries[_HEIGHT][0]
    bits, samples = max(entries.get(_BITS) or (1,)), (entries.get(_SAMPLES) or (1,))[0]
    planes = samples if (entries.get(_PLANAR) or (1,))[0] == _IN_PLANES else 1
    if entries.get(_TILES):
        try:
            across, down = entries[_TILE_WIDTH][0], entries[_TILE_HEIGHT][0]
        except (KeyError, IndexError):
            raise PictureError("is damaged: its TIFF tiles declare no size") from None
    else:
        across, down = width, min((entries.get(_ROWS) or (height,))[0], height)
    if not across or not down:
        raise PictureError("is damaged: its TIFF strips or tiles have no pixels")
    row = (across * (samples // planes) * bits + 7) // 8
    for _ in range(planes):
        for top in range(0, height, down):
            if entries.get(_TILES):
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


def _parts(entries: Entries) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Places and sizes of strips and tiles."""
    places = entries.get(_STRIPS, ()) + entries.get(_TILES, ())
    return places, entries.get(_STRIP_SIZES, ()) + entries.get(_TILE_SIZES, ())


def _entries(data: bytes) -> tuple[Entries, bool]:
    """The first page's entries, and whether there are more pages.

    Raises:
        CutShort: the directory lies behind the end.
    """
    try:
        return _directory(data, "<" if data[:2] == b"II" else ">", big=b"+" in data[2:4])
    except (struct.error, OverflowError):
        raise CutShort("is cut short: its TIFF directory lies behind its end") from None


def _directory(data: bytes, order: str, big: bool) -> tuple[Entries, bool]:
    offset, count, head, step = ("Q", "Q", "HHQ", 20) if big else ("I", "H", "HHI", 12)
    (place,) = struct.unpack_from(order + offset, data, 8 if big else 4)
    (number,) = struct.unpack_from(order + count, data, place)
    place += struct.calcsize(order + count)
    entries: Entries = {}
    if place + step * number > len(data):
        raise struct.error
    for _ in range(number):
        tag, kind, length = struct.unpack_from(order + head, data, place)
        letter = _KINDS.get(kind)
        if letter and tag in _NEEDED:
            if tag in entries:
                raise PictureError(f"is damaged: its TIFF directory has the entry {tag} twice")
            form = f"{order}{length}{letter}"
            where = place + struct.calcsize(order + head)
            if length > (MOST_PARTS if tag in _LISTS else MOST_ENTRY_NUMBERS):
                raise PictureError(f"is damaged: its TIFF entry {tag} has {length:,} numbers")
            if struct.calcsize(form) > struct.calcsize(order + offset):
                (where,) = struct.unpack_from(order + offset, data, where)
            entries[tag] = struct.unpack_from(form, data, where)
        place += step
    return entries, any(struct.unpack_from(order + offset, data, place))


def _refuse_raw(data: bytes, entries: Entries) -> None:
    reduced = bool(entries.get(_SUBFILE, (0,))[0] & _THUMBNAIL) if entries.get(_SUBFILE) else False
    if _DNG in entries or data[8:10] == b"CR" or reduced:
        raise PictureError(
            "is a camera's raw file (DNG, CR2, NEF, …), or begins with a thumbnail: "
            "export it as JPEG or PNG"
        )


def _refuse_numbers(entries: Entries) -> None:
    bits, formats = entries.get(_BITS, (1,)), entries.get(_FORMAT, (_WHOLE,))
    if set(formats) - {_WHOLE, 4} or max(bits, default=1) > 16:
        raise PictureError(
            f"holds numbers of {max(bits, default=1)} bits that are no grey levels of a picture: "
            "save it with 8 or 16 bits (unsigned)"
        )
    if entries.get(_SAMPLES, (1,))[:1] > (4,):
        raise PictureError(f"has {entries[_SAMPLES][0]} channels, a picture has at most 4")
