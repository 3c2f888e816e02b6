"""Turns arrays and buffers into rows of bytes, and checks their size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from fer_edge.errors import ArgumentError, PictureError
from fer_edge.number import whole_number

Size = tuple[int | None, int | None, int | None]
"""Width in pixels, height in rows and stride in bytes, as far as they were given."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How pixels lie in memory, and how OpenCV makes BGR of them."""

    bytes_a_pixel: int
    """In a row of the first plane."""
    code: int | None = None
    """OpenCV's conversion; None where no colours are to be converted."""
    chroma: str = ""
    """"interleaved" or "planar" where planes of half the size follow the luma's rows."""
    even: bool = False
    """Whether two pixels of a row share their colour, so that the width is even."""
    is_deep: bool = False
    """Whether a pixel is one number of 16 bits, the lower byte first."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A picture's bytes, row by row."""

    pixels: npt.NDArray[np.uint8]
    """(rows, bytes): `height` rows, half as many more with chroma; they may be padded."""
    width: int
    """Pixels."""
    height: int
    """Pixels."""


def array_of(picture: Any, encoding: str) -> npt.NDArray[Any]:
    """An array or a buffer (bytes, bytearray, memoryview, array.array) as an array, uncopied.

    Raises:
        PictureError: neither.
    """
    if isinstance(picture, np.ndarray):
        return np.asarray(picture)
    try:
        return np.asarray(memoryview(picture))
    except (TypeError, ValueError, NotImplementedError, BufferError) as error:
        raise PictureError(
            f"a picture of {encoding} is a numpy array or a buffer of bytes, this is "
            f"{type(picture).__name__}"
        ) from error


def rows_of(array: npt.NDArray[Any], encoding: str, layout: Layout, size: Size) -> Rows:
    """The rows of an array of any shape that a picture of this layout may have.

    Raises:
        ArgumentError: a width, height or stride that is none.
        PictureError: the array's type, shape or length is not that of such a picture.
    """
    width, height, stride = (_checked(*pair) for pair in zip(_NAMES, size, strict=True))
    if layout.is_deep and array.dtype.kind == "u" and array.dtype.itemsize == 2:
        # Whatever its byte order is, from here on the lower byte comes first.
        width = array.shape[1] if width is None and array.ndim > 1 else width
        array = np.ascontiguousarray(array, "<u2").view(np.uint8)
    if array.dtype != np.uint8:
        raise PictureError(f"{encoding} is of {_type(layout)}, this is of {array.dtype}")
    if array.ndim == 1:
        return _of_bytes(array, encoding, layout, (width, height, stride))
    if array.ndim == 3 and not layout.chroma and array.shape[2] == layout.bytes_a_pixel:
        shape, (down, across) = array.shape, array.shape[:2]
        array = array.reshape(down, -1) if array.size else array[:, :, 0]
        width = across if width is None else width
        if width != across:
            raise PictureError(f"{encoding} of width {width} was asked for, this is {shape}")
    if array.ndim != 2 or (width is None and layout.bytes_a_pixel > 1):
        raise PictureError(f"{encoding} is {_shape(layout)}, or has a width; this is {array.shape}")
    if stride not in (None, array.shape[1]):
        raise PictureError(f"rows of {array.shape[1]} bytes are no rows of stride {stride}")
    width = array.shape[1] if width is None else width
    if height is None:
        height = array.shape[0] * 2 // 3 if layout.chroma else array.shape[0]
    return _fitting(array, encoding, layout, width, height)


LARGEST_BUFFER_NUMBER = 1 << 40
"""The largest width, height or stride, in pixels or bytes: more than any buffer has."""
_NAMES = ("width", "height", "stride")


def _checked(name: str, value: Any) -> int | None:
    return None if value is None else whole_number(name, value, 1, LARGEST_BUFFER_NUMBER)


def _of_bytes(flat: npt.NDArray[np.uint8], encoding: str, layout: Layout, size: Size) -> Rows:
    width, height, stride = size
    if width is None or height is None:
        raise ArgumentError(f"{len(flat)} bytes of {encoding} do not say their width and height")
    least = width * layout.bytes_a_pixel
    if stride is None:
        stride = least
    if stride < least:
        raise PictureError(f"rows of {width} pixels of {encoding} take {least} bytes, not {stride}")
    rows = height * 3 // 2 if layout.chroma else height
    expected, missing = stride * rows, stride * rows - len(flat)
    if not layout.chroma and 0 < missing == stride - least:
        # The last row has no padding.
        flat, missing = np.concatenate([flat, np.zeros(missing, np.uint8)]), 0
    if missing:
        raise PictureError(
            f"{width}x{height} pixels of {encoding} in rows of {stride} bytes are {expected:,} "
            f"bytes, this is {len(flat):,}"
        )
    return _fitting(flat.reshape(rows, stride), encoding, layout, width, height)


def _fitting(
    pixels: npt.NDArray[np.uint8], encoding: str, layout: Layout, width: int, height: int
) -> Rows:
    rows = height * 3 // 2 if layout.chroma else height
    if not pixels.size or pixels.shape[0] != rows or pixels.shape[1] < width * layout.bytes_a_pixel:
        raise PictureError(
            f"{width}x{height} pixels of {encoding} are {rows} rows of "
            f"{width * layout.bytes_a_pixel} bytes, this is {pixels.shape}"
        )
    if (layout.even and width % 2) or (layout.chroma and height % 2):
        sides = "width and height are" if layout.chroma else "width is"
        raise PictureError(f"{encoding}'s {sides} even, this is {width}x{height}")
    if layout.chroma == "planar" and pixels.shape[1] % 2:
        raise PictureError(f"{encoding} has an even stride, this is {pixels.shape[1]}")
    return Rows(pixels, width, height)


def _type(layout: Layout) -> str:
    return "uint16 or bytes" if layout.is_deep else "uint8"


def _shape(layout: Layout) -> str:
    if layout.chroma:
        return "(height * 3 / 2, width)"
    if layout.bytes_a_pixel == 1 or layout.is_deep:
        return "(height, width)"
    return f"(height, width, {layout.bytes_a_pixel})"
