"""The one EXIF entry that matters here: how the picture is to be turned."""

from __future__ import annotations

import struct

import cv2
import numpy as np

from fer_edge.pictures.image import Image

ORIENTATION = 0x0112
UPRIGHT = 1
MOST_ENTRIES = 1000
"""More than any camera writes in the first directory."""
_TURNS = {
    3: cv2.ROTATE_180,
    6: cv2.ROTATE_90_CLOCKWISE,
    8: cv2.ROTATE_90_COUNTERCLOCKWISE,
    5: cv2.ROTATE_90_CLOCKWISE,
    7: cv2.ROTATE_90_COUNTERCLOCKWISE,
    4: cv2.ROTATE_180,
}
_MIRRORED = (2, 4, 5, 7)
_LONG = 4
"""The type of 32 bits; the usual one has 16."""


def orientation(exif: bytes) -> int:
    """What an EXIF block (a TIFF directory, perhaps after "Exif\\0\\0") says, 1 to 8.

    For a block that cannot be read it is 1.
    """
    block = exif[6:] if exif[:6] == b"Exif\0\0" else exif
    order = {b"II": "<", b"MM": ">"}.get(block[:2])
    if order is None:
        return UPRIGHT
    try:
        (directory,) = struct.unpack_from(order + "I", block, 4)
        (entries,) = struct.unpack_from(order + "H", block, directory)
        for number in range(min(entries, MOST_ENTRIES)):
            place = directory + 2 + 12 * number
            tag, kind = struct.unpack_from(order + "HH", block, place)
            if tag == ORIENTATION:
                form = "I" if kind == _LONG else "H"
                (value,) = struct.unpack_from(order + form, block, place + 8)
                return value if 1 <= value <= 8 else UPRIGHT
    except struct.error:
        pass
    return UPRIGHT


def upright(image: Image, turn: int) -> Image:
    """The picture as it is to be seen, by its EXIF orientation 1 to 8."""
    if turn in _TURNS:
        image = np.asarray(cv2.rotate(image, _TURNS[turn]), np.uint8)
    if turn in _MIRRORED:
        image = np.asarray(cv2.flip(image, 1), np.uint8)
    return image
