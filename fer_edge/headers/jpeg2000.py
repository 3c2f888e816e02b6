"""JPEG 2000 (ITU-T T.800): a codestream, mostly in the boxes of a JP2 file."""

from __future__ import annotations

import struct

from fer_edge.errors import PictureError
from fer_edge.headers.header import CutShort, Header

BOXES = b"\0\0\0\x0cjP  \r\n\x87\n"
STREAM = b"\xff\x4f\xff\x51"
_END = b"\xff\xd9"
MOST_TILES = 4096
"""Each costs a decoder kilobytes before it sees a pixel."""


def read(data: bytes) -> Header:
    """The header; the codestream's end marker must be there."""
    start, end = _codestream(data) if data.startswith(BOXES) else (0, len(data))
    if end > len(data) or data[:end].rstrip(b"\0")[-2:] != _END:
        raise CutShort("is cut short: its JPEG 2000 data have no end marker")
    if data[start : start + 4] != STREAM:
        raise PictureError("is damaged: its JPEG 2000 data begin without a size")
    right, down, left, top, across, along, tile_x, tile_y, parts = struct.unpack_from(
        ">8IH", data, start + 8
    )
    width, height = right - left, down - top
    if min(width, height, across, along) < 1 or tile_x > left or tile_y > top:
        raise PictureError(f"is damaged: its JPEG 2000 header declares {width}x{height} pixels")
    tiles = -(-(right - tile_x) // across) * -(-(down - tile_y) // along)
    if tiles > MOST_TILES or not 1 <= parts <= 4:
        raise PictureError(
            f"is a JPEG 2000 of {tiles} tiles and {parts} channels, expected at most {MOST_TILES} "
            "and 4: save it as JPEG or PNG"
        )
    for part in range(parts):
        bits, step_x, step_y = struct.unpack_from(">3B", data, start + 42 + 3 * part)
        if bits > 15 or not 1 <= step_x <= 4 or not 1 <= step_y <= 4:
            raise PictureError(
                "is a JPEG 2000 of more than 16 bits, of signed numbers, or of "
                "channels below a quarter: save it as JPEG or PNG"
            )
    return Header("JPEG 2000", width, height, alpha=parts in (2, 4))


def _codestream(data: bytes) -> tuple[int, int]:
    """Where the box of the codestream has its content."""
    place = 0
    while place + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        body = place + 8
        if length == 1:
            (length,) = struct.unpack_from(">Q", data, body)
            body += 8
        end = place + length if length else len(data)
        if kind == b"jp2c":
            return body, end
        if end < body:
            break
        place = end
    raise CutShort("is cut short: its JPEG 2000 data end before the picture begins")
