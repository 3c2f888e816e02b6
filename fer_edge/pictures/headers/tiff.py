"""TIFF (6.0, and BigTIFF): a directory of entries, and strips or tiles of pixels."""

from __future__ import annotations

import struct

from fer_edge.errors import PictureError
from fer_edge.pictures.headers.header import CutShort, Header

MAGICS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_SUBFILE, WIDTH, HEIGHT, BITS, SAMPLES = 254, 256, 257, 258, 277
COMPRESSION, PHOTOMETRIC, _ORIENTATION, ROWS, PLANAR = 259, 262, 274, 278, 284
_EXTRA, _FORMAT, _DNG = 338, 339, 50706
_STRIPS, _STRIP_SIZES, TILES, _TILE_SIZES = 273, 279, 324, 325
TILE_WIDTH, TILE_HEIGHT = 322, 323
"""Numbers of entries, as the specification names them."""
LARGEST_TILE = 1 << 14
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
_LISTS = (_STRIPS, _STRIP_SIZES, TILES, _TILE_SIZES)
_NEEDED = (
    *_LISTS,
    *(_SUBFILE, WIDTH, HEIGHT, BITS, SAMPLES, _EXTRA, _FORMAT, _DNG),
    *(COMPRESSION, PHOTOMETRIC, _ORIENTATION, ROWS, PLANAR),
    *(TILE_WIDTH, TILE_HEIGHT),
)
MOST_PARTS = 1 << 19
"""Strips or tiles: more than 100 megapixels have in tiles of 16x16."""
MOST_ENTRY_NUMBERS = 16
"""In an entry that is not a list of parts: one for each channel."""

Entries = dict[int, tuple[int, ...]]


def read(data: bytes) -> Header:
    """The header of the first page, whose strips or tiles must all be there."""
    entries, several = entries_of(data)
    _refuse_raw(data, entries)
    try:
        width, height = entries[WIDTH][0], entries[HEIGHT][0]
    except (KeyError, IndexError):
        raise PictureError("is damaged: its TIFF directory declares no size") from None
    _refuse_numbers(entries)
    if max((*entries.get(TILE_WIDTH, ()), *entries.get(TILE_HEIGHT, ())), default=0) > (
        LARGEST_TILE
    ):
        raise PictureError(f"has TIFF tiles of more than {LARGEST_TILE} pixels a side")
    if entries.get(TILES) and set(entries.get(_ORIENTATION, ())) & {*_WRONG_WITH_TILES}:
        raise PictureError(
            "is a TIFF in tiles that is to be turned, which OpenCV does wrongly: save it as JPEG "
            "or PNG"
        )
    places, sizes = parts_of(entries)
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
        premultiplied=kinds == _MULTIPLIED or max(entries.get(BITS, (1,)), default=1) <= 8,
        several=several,
    )


def parts_of(entries: Entries) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Places and sizes of strips and tiles."""
    places = entries.get(_STRIPS, ()) + entries.get(TILES, ())
    return places, entries.get(_STRIP_SIZES, ()) + entries.get(_TILE_SIZES, ())


def entries_of(data: bytes) -> tuple[Entries, bool]:
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
    bits, formats = entries.get(BITS, (1,)), entries.get(_FORMAT, (_WHOLE,))
    if set(formats) - {_WHOLE, 4} or max(bits, default=1) > 16:
        raise PictureError(
            f"holds numbers of {max(bits, default=1)} bits that are no grey levels of a picture: "
            "save it with 8 or 16 bits (unsigned)"
        )
    if entries.get(SAMPLES, (1,))[:1] > (4,):
        raise PictureError(f"has {entries[SAMPLES][0]} channels, a picture has at most 4")
