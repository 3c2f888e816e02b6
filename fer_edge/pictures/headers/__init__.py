"""Reads a picture file's format and header before anything is decoded.

OpenCV decodes, but takes the memory for any size that a file declares. It says of a damaged file
only that it is none. So the size and the ends are checked here, in one file for each format.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from fer_edge.errors import PictureError
from fer_edge.pictures.headers import bmp, gif, jpeg, png, pnm, tiff, webp
from fer_edge.pictures.headers.foreign import foreign
from fer_edge.pictures.headers.header import CutShort, Header

__all__ = ["FORMATS", "CutShort", "Header", "check_beginning", "read_header"]

FORMATS = "JPEG, PNG, WebP, BMP, TIFF, GIF or PNM"
LONGEST_BEGINNING_BYTES = 1024
"""Bytes that tell what a file is."""


def read_header(data: bytes) -> Header:
    """What a picture declares.

    Args:
        data: the whole file.

    Raises:
        CutShort: the file ends before the picture does.
        PictureError: no picture, or of a kind that is not read here. Messages begin with a verb:
            the caller puts the name before.
    """
    reader = check_beginning(data)
    try:
        header = reader(data)
    except (struct.error, IndexError, OverflowError):
        raise CutShort("is cut short within its header") from None
    if not header.width or not header.height:
        raise PictureError(f"is damaged: it declares {header.width}x{header.height} pixels")
    return header


def check_beginning(data: bytes) -> Callable[[bytes], Header]:
    """The reader of the format that a file begins with.

    Raises:
        PictureError: no reader knows it.
    """
    for magics, reader in (
        ((jpeg.MAGIC,), jpeg.read),
        ((png.MAGIC,), png.read),
        (gif.MAGICS, gif.read),
        (tiff.MAGICS, tiff.read),
        (pnm.MAGICS, pnm.read),
        ((bmp.MAGIC,), bmp.read),
    ):
        if data.startswith(magics):
            return reader
    if webp.matches(data):
        return webp.read
    if not data:
        raise CutShort("is empty")
    what = foreign(data) or f"is not a picture: expected {FORMATS}, it begins with {data[:8]!r}"
    raise PictureError(what)
