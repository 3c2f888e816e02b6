"""GIF (87a and 89a): a screen, and pictures on it."""

from __future__ import annotations

import struct

from fer_edge.pictures.headers.header import CutShort, Header

MAGICS = (b"GIF87a", b"GIF89a")
_EXTENSION, _PICTURE = 0x21, 0x2C
_CONTROL = 0xF9
"""The extension that declares a transparent colour."""


def read(data: bytes) -> Header:
    """The header; the first picture must be whole."""
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    place, pictures, alpha = 13 + _colours(flags), 0, False
    try:
        while pictures < 2 and data[place] in (_EXTENSION, _PICTURE):
            if data[place] == _EXTENSION:
                alpha |= data[place + 1] == _CONTROL and bool(data[place + 3] & 1)
                place = _after_blocks(data, place + 2)
                continue
            left, top, across, along, flags = struct.unpack_from("<HHHHB", data, place + 1)
            if not pictures:
                width, height = max(width, left + across), max(height, top + along)
            # Its colours, and a byte that says how many bits a code has.
            place = _after_blocks(data, place + 10 + _colours(flags) + 1)
            pictures += 1
    except (IndexError, struct.error):
        if not pictures:
            raise CutShort("is cut short: its GIF data end before the picture does") from None
    if not pictures:
        raise CutShort("is cut short: its GIF data end before the picture begins")
    return Header("GIF", width, height, alpha, several=pictures > 1)


def _colours(flags: int) -> int:
    """The bytes of a table of colours, if the flags declare one."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _after_blocks(data: bytes, place: int) -> int:
    """Where a row of blocks ends. Each block begins with its length."""
    while data[place]:
        place += data[place] + 1
    return place + 1
