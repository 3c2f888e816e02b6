"""WebP (RFC 9649): a RIFF file."""

from __future__ import annotations

import struct

from fer_edge.errors import PictureError
from fer_edge.pictures.headers.exif import orientation
from fer_edge.pictures.headers.header import CutShort, Header

_ALPHA, _EXIF, _ANIMATION = 0x10, 0x08, 0x02
"""Flags of the extended header."""


def matches(data: bytes) -> bool:
    """Whether the file begins as a WebP does."""
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP"


def read(data: bytes) -> Header:
    """The header; the file must be as long as it declares."""
    if struct.unpack_from("<I", data, 4)[0] + 8 > len(data):
        raise CutShort("is cut short: it is shorter than its WebP header says")
    kind = data[12:16]
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return Header("WebP", width & 0x3FFF, height & 0x3FFF)
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        size = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        return Header("WebP", *size, alpha=bool(bits >> 28 & 1))
    if kind != b"VP8X":
        raise PictureError("is damaged: its WebP data begin without a header")
    flags = data[20]
    width = 1 + int.from_bytes(data[24:27], "little")
    height = 1 + int.from_bytes(data[27:30], "little")
    turn = orientation(_chunk(data, b"EXIF")) if flags & _EXIF else 1
    alpha, several = bool(flags & _ALPHA), bool(flags & _ANIMATION)
    return Header("WebP", width, height, alpha, turn, several=several)


def _chunk(data: bytes, wanted: bytes) -> bytes:
    place = 12
    while place + 8 <= len(data):
        kind, length = struct.unpack_from("<4sI", data, place)
        if kind == wanted:
            return data[place + 8 : place + 8 + length]
        place += 8 + length + length % 2
    return b""
