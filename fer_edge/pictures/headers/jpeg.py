"""JPEG (ITU-T T.81, annex B): a row of segments, each behind a marker."""

from __future__ import annotations

import re
import struct

from fer_edge.errors import PictureError
from fer_edge.pictures.headers.exif import UPRIGHT, orientation
from fer_edge.pictures.headers.header import CutShort, Header

MAGIC = b"\xff\xd8\xff"
_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of the segments that declare the size, one for each kind of coding."""
_SCAN, _END, _EXIF = 0xDA, 0xD9, 0xE1
_EXIF_BEGINNING = b"Exif\0\0"
"""Other segments of that marker hold XMP; older versions of OpenCV look at the first one alone."""
_FIRST = 0xC0
"""Markers below are reserved."""
_ALONE = frozenset([0x01, *range(0xD0, 0xD9)])
"""Markers without a segment."""
_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
"""What ends a scan's coded data: there 0xff 0 is a byte, and restarts belong to it."""


def read(data: bytes) -> Header:
    """The header of the first picture, whose end marker must be there.

    Data after the end are ignored: phones append depth maps and films.
    """
    size, scans, place = None, 0, 2
    turn: int | None = None
    while True:
        found = _MARKER.search(data, place)
        if found is None:
            raise CutShort("is cut short: a JPEG ends with an end marker, this one has none")
        marker, place = data[found.end() - 1], found.end()
        if marker == _END:
            break
        if marker in _ALONE:
            continue
        if marker < _FIRST:
            raise PictureError(
                f"is not a picture, or damaged: a JPEG has no marker {marker:#04x}, this one has"
            )
        if place + 2 > len(data):
            raise CutShort("is cut short within its header")
        (length,) = struct.unpack_from(">H", data, place)
        if place + length > len(data):
            raise CutShort("is cut short within its header")
        if marker in _SIZES:
            if size is not None or length < 8:
                raise PictureError("is damaged: its JPEG header declares no size, or two")
            size = struct.unpack_from(">HH", data, place + 3)
        if marker == _EXIF and turn is None:
            segment = data[place + 2 : place + length]
            turn = orientation(segment) if segment.startswith(_EXIF_BEGINNING) else None
        scans += marker == _SCAN
        place += length
    if size is None or not scans:
        raise CutShort("is cut short: its JPEG data end before the picture begins")
    return Header("JPEG", size[1], size[0], orientation=turn or UPRIGHT)
