"""Converts pictures in robots' encodings to uint8, grey or BGR.

The names are ROS's (sensor_msgs/image_encodings.hpp), and the usual ones of YUV layouts that it
lacks.
"""

from __future__ import annotations

import re
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from fer_edge.errors import ArgumentError, PictureError
from fer_edge.pictures.buffers import Layout, Rows, Size, array_of, rows_of
from fer_edge.pictures.decoding import decode_picture
from fer_edge.pictures.image import Image, checked_image, grey_of_16_bits
from fer_edge.pictures.pil_picture import is_pil, picture_of_pil
from fer_edge.printable import brief

_UYVY = Layout(2, cv2.COLOR_YUV2BGR_UYVY, even=True)
_YUYV = Layout(2, cv2.COLOR_YUV2BGR_YUY2, even=True)
_RAW = {
    "bgr8": Layout(3),
    "rgb8": Layout(3, cv2.COLOR_RGB2BGR),
    "bgra8": Layout(4, cv2.COLOR_BGRA2BGR),
    "rgba8": Layout(4, cv2.COLOR_RGBA2BGR),
    "mono8": Layout(1),
    "mono16": Layout(2, is_deep=True),
    "8UC1": Layout(1),
    "8UC3": Layout(3),
    "yuv422": _UYVY,
    "uyvy": _UYVY,
    "yuv422_yuy2": _YUYV,
    "yuyv": _YUYV,
    "nv12": Layout(1, cv2.COLOR_YUV2BGR_NV12, "interleaved", even=True),
    "nv21": Layout(1, cv2.COLOR_YUV2BGR_NV21, "interleaved", even=True),
    "yuv420": Layout(1, cv2.COLOR_YUV2BGR_I420, "planar", even=True),
}
_COMPRESSED = ("jpeg", "png")
ENCODINGS = (*_RAW, *_COMPRESSED)
"""All names that are known. 8UC3 is taken as bgr8, as OpenCV writes it."""
_COMPRESSION = re.compile(r"(?:\w+; *)?(?:jpeg|jpg|png)(?: compressed.*)?")
"""How ROS's compressed pictures name theirs: "jpeg", or "bgr8; jpeg compressed bgr8"."""


def picture_of(picture: Any, encoding: str | None, size: Size, copy: bool) -> Image:
    """Any picture as one of ours; `Frame.of` says what each argument is.

    Returns:
        uint8, (height, width) grey or (height, width, 3) BGR.

    Raises:
        ArgumentError: an unknown encoding, or a width, height or stride that is none.
        PictureError: not a picture, or not one of this encoding and size.
    """
    if encoding is None:
        return _as_it_is(picture, size, copy)
    if not isinstance(encoding, str):
        raise ArgumentError(f"an encoding is a str, got {type(encoding).__name__}")
    if is_pil(picture):
        raise ArgumentError("a PIL image knows its mode: leave the encoding out")
    if encoding in _RAW:
        layout = _RAW[encoding]
        rows = rows_of(array_of(picture, encoding), encoding, layout, size)
        # Bytes cannot change, and what is converted is new.
        return _converted(rows, layout, copy and not isinstance(picture, bytes))
    if not _COMPRESSION.fullmatch(encoding):
        raise ArgumentError(
            f"expected an encoding of {', '.join(ENCODINGS)}, got {brief(encoding)}: convert "
            "others first, such as Bayer patterns with cv2.cvtColor"
        )
    return _decompressed(array_of(picture, encoding), size)


def _is_given(size: Size) -> bool:
    # The whole is not compared: NumPy would compare an array, which is no number, by its elements.
    return any(part is not None for part in size)


def _as_it_is(picture: Any, size: Size, copy: bool) -> Image:
    if _is_given(size):
        raise ArgumentError("width, height and stride are of a buffer: say its encoding, too")
    if is_pil(picture):
        return picture_of_pil(picture)
    image = checked_image(picture)
    return np.array(image, order="C") if copy else image


def _decompressed(data: npt.NDArray[Any], size: Size) -> Image:
    if _is_given(size):
        raise ArgumentError(
            "a compressed picture says its size itself: leave width, height and stride out"
        )
    if data.dtype != np.uint8:
        raise PictureError(f"a compressed picture is bytes, this is of {data.dtype}")
    try:
        return decode_picture(data.tobytes(), name="the compressed picture")
    except PictureError as error:
        raise type(error)(f"the compressed picture {error}") from error


def _converted(rows: Rows, layout: Layout, copy: bool) -> Image:
    pixels, width, height = rows.pixels, rows.width, rows.height
    if layout.chroma:
        if layout.chroma == "planar" and pixels.shape[1] > width:
            planes = _without_padding(pixels, width, height)
        else:
            planes = np.ascontiguousarray(pixels[:, :width])
        assert layout.code is not None
        return np.asarray(cv2.cvtColor(planes, layout.code), np.uint8)
    pixels = pixels[:, : width * layout.bytes_a_pixel]
    if layout.is_deep:
        return grey_of_16_bits(np.ascontiguousarray(pixels).view("<u2"))
    if layout.bytes_a_pixel > 1:
        pixels = pixels.reshape(height, width, layout.bytes_a_pixel)
    if layout.code is not None:
        return np.asarray(cv2.cvtColor(pixels, layout.code), np.uint8)
    return np.array(pixels, order="C") if copy else np.ascontiguousarray(pixels)


def _without_padding(rows: npt.NDArray[np.uint8], width: int, height: int) -> Image:
    """Three planes whose rows are padded, to a stride and to half of it, without the padding."""
    chroma = rows[height:].reshape(height, rows.shape[1] // 2)
    planes = np.empty((height * 3 // 2, width), np.uint8)
    planes[:height] = rows[:height, :width]
    planes[height:].reshape(height, width // 2)[:] = chroma[:, : width // 2]
    return planes
