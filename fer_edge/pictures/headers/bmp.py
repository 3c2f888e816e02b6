"""Windows bitmaps."""

from __future__ import annotations

import struct

from fer_edge.errors import PictureError
from fer_edge.pictures.headers.header import CutShort, Header

MAGIC = b"BM"
_UNCOMPRESSED = (0, 3, 6)
"""Plain rows, and rows with masks of bits."""
_MASKED = (3, 6)
_MASKS_PLACE, _USUAL_MASKS = 54, (0xFF0000, 0xFF00, 0xFF)
"""Of red, green and blue in 32 bits."""
_ALPHA_MASK_PLACE, _USUAL_ALPHA_MASK = 66, 0xFF000000
_READ_MASKS_HEADER = 56
"""The length of the first header whose masks OpenCV heeds; of shorter ones it passes over them."""


def read(data: bytes) -> Header:
    """The header; uncompressed rows must all be there."""
    offset, header = struct.unpack_from("<II", data, 10)
    if header == 12:
        width, height, _, bits = struct.unpack_from("<HHHH", data, 18)
        compression = 0
    elif header >= 40:
        width, height, _, bits, compression = struct.unpack_from("<iiHHI", data, 18)
    else:
        raise PictureError("is damaged: its BMP header has a length that no BMP header has")
    height = abs(height)
    if width < 1 or height < 1:
        raise PictureError(f"is damaged: its BMP header declares {width}x{height} pixels")
    is_masked = compression in _MASKED and bits == 32 and header < _READ_MASKS_HEADER
    if is_masked and struct.unpack_from("<III", data, _MASKS_PLACE) != _USUAL_MASKS:
        raise PictureError(
            "is a BMP with an order of colours that OpenCV does not read: save it as JPEG or PNG"
        )
    row = (width * bits + 31) // 32 * 4
    if compression in _UNCOMPRESSED and offset + row * height > len(data):
        raise CutShort("is cut short: its BMP data end before the last row does")
    return Header("BMP", width, height, alpha=_has_alpha(data, header, bits, compression))


def _has_alpha(data: bytes, header: int, bits: int, compression: int) -> bool:
    """Whether one of its masks is of alpha; without that mask the fourth byte means nothing."""
    if compression not in _MASKED or bits != 32 or header < _READ_MASKS_HEADER:
        return False
    (mask,) = struct.unpack_from("<I", data, _ALPHA_MASK_PLACE)
    if mask not in (0, _USUAL_ALPHA_MASK):
        raise PictureError(
            "is a BMP with an order of alpha that OpenCV does not read: save it as PNG"
        )
    return bool(mask)
