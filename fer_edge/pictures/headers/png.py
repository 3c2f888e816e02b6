"""PNG (ISO 15948): a row of chunks."""

from __future__ import annotations

import struct

from fer_edge.errors import PictureError
from fer_edge.pictures.headers.exif import orientation
from fer_edge.pictures.headers.header import CutShort, Header

MAGIC = b"\x89PNG\r\n\x1a\n"
_WITH_ALPHA = (4, 6)
"""Colour types that have an alpha channel."""
_GREY = 0
"""The colour type of grey levels alone; a tRNS chunk says which of them is transparent."""

_NEEDED = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
"""The chunks that make the first picture."""


def first_picture(data: bytes) -> bytes:
    """The file with only the chunks of its first picture; call it after `read`.

    A damaged animation crashes OpenCV 4.11.
    """
    parts, place = [data[:8]], 8
    while place + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        end = place + 12 + length
        if kind in _NEEDED and end <= len(data):
            parts.append(data[place:end])
        place = end
    if parts[-1][4:8] != b"IEND":
        # An animation that is cut after its first picture.
        parts.append(b"\0\0\0\0IEND\xae\x42\x60\x82")
    return b"".join(parts)


def read(data: bytes) -> Header:
    """The header; all pixels must be there, of an animation those of its first picture."""
    if len(data) < 33:
        raise CutShort("is cut short within its PNG header")
    if data[12:16] != b"IHDR":
        raise PictureError("is damaged: its PNG data begin without a header")
    width, height, depth, colour = struct.unpack_from(">IIBB", data, 16)
    alpha, turn, animated = colour in _WITH_ALPHA, 1, False
    transparent_grey: int | None = None
    place, pixels, following = 33, False, False
    while True:
        if place + 12 > len(data):
            break
        length, kind = struct.unpack_from(">I4s", data, place)
        body, place = place + 8, place + 12 + length
        if place > len(data):
            break
        if kind == b"IEND":
            following = True
            break
        pixels |= kind == b"IDAT"
        following |= pixels and kind in (b"fcTL", b"fdAT")
        animated |= kind == b"acTL"
        alpha |= kind == b"tRNS"
        if (kind, colour, length, pixels) == (b"tRNS", _GREY, 2, False):
            transparent_grey = _as_decoded(struct.unpack_from(">H", data, body)[0], depth)
        if kind == b"eXIf":
            turn = orientation(data[body : body + length])
    if not pixels or not following:
        raise CutShort("is cut short: its PNG data end before the picture does")
    return Header(
        "PNG", width, height, alpha, turn, several=animated, transparent_grey=transparent_grey
    )


def _as_decoded(grey: int, depth: int) -> int:
    """A grey of `depth` bits; fewer than 8 are spread over 8."""
    white = (1 << depth) - 1
    return (grey & white) * 255 // white if 0 < depth < 8 else grey & white
