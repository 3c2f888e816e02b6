"""PBM, PGM and PPM (Netpbm's P1 to P6)."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import numpy.typing as npt

from fer_edge.errors import PictureError
from fer_edge.pictures.headers.header import CutShort, Header

MAGICS = tuple(b"P%d" % kind for kind in range(1, 7))
TEXT_MAGICS = MAGICS[:3]
"""Of those whose numbers are text."""
_BLANK = rb"(?:[ \t\r\n\v\f]|#[^\r\n]*[\r\n])+"
_HEADER = re.compile(
    rb"P[1-6]" + _BLANK + rb"(\d{1,10})" + _BLANK + rb"(\d{1,10})(?:" + _BLANK + rb"(\d{1,10}))?"
)
_ONLY_DIGITS = bytes(one if one in b"0123456789" else ord(" ") for one in range(256))


def read(data: bytes) -> Header:
    """The header; binary rows must all be there, and of text as many characters as it takes."""
    kind = data[1] - ord("0")
    found = _header(data)
    if found is None:
        raise PictureError("is damaged, or cut short within its PNM header")
    width, height = int(found[1]), int(found[2])
    if not width or not height:
        raise PictureError(f"is damaged: its PNM header declares {width}x{height} pixels")
    bitmap, samples = kind in (1, 4), width * height * (3 if kind in (3, 6) else 1)
    white: int | None = None
    if bitmap:
        start = found.end(2)
        needed = (width + 7) // 8 * height if kind == 4 else samples
    else:
        if found[3] is None:
            raise PictureError("is damaged, or cut short within its PNM header")
        start, largest = found.end(3), int(found[3])
        if not 1 <= largest <= 65535:
            raise PictureError(f"is damaged: its PNM header declares {largest} as its white")
        # As text, each number takes a digit and a blank, the last only a digit.
        needed = samples * (2 if largest > 255 else 1) if kind > 4 else 2 * samples - 1
        # OpenCV takes all bits of what is not text, and of more than 8 bits the upper ones.
        spread = largest in (255, 65535) or (kind < 4 and largest < 255)
        white = None if spread else largest
    if start + 1 + needed > len(data):
        raise CutShort("is cut short: its PNM data end before the last row does")
    return Header("PNM", width, height, white=white)


def has_levels_above_white(data: bytes) -> bool:
    """Whether a level is above the largest one that the header declares. Netpbm allows none.

    Args:
        data: a picture that `read` accepts and that could be decoded.
    """
    kind, found = data[1] - ord("0"), _header(data)
    if kind in (1, 4) or found is None:
        return False
    width, height, largest = int(found[1]), int(found[2]), int(found[3])
    count = width * height * (3 if kind in (3, 6) else 1)
    levels: npt.NDArray[Any]
    if kind > 4:
        form = np.dtype(">u2" if largest > 255 else np.uint8)
        levels = np.frombuffer(data, form, count, found.end(3) + 1)
    else:
        # As OpenCV, which takes anything between two numbers for a blank.
        text = re.sub(rb"#[^\r\n]*", b"", data[found.end(3) :]).translate(_ONLY_DIGITS)
        if not text.strip():
            return False
        levels = np.fromstring(text, np.float64, sep=" ")[:count]
    return bool(levels.max() > largest)


def _header(data: bytes) -> re.Match[bytes] | None:
    # Comments are short; a longer header is none.
    return _HEADER.match(data[:65536])
