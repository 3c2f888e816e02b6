"""Decodes the bytes of a picture's file into pixels."""

from __future__ import annotations

import logging
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from fer_edge.errors import ArgumentError, PictureError
from fer_edge.native_logs.c_stderr import caught_c_stderr
from fer_edge.native_logs.opencv_log import quiet_opencv
from fer_edge.pictures.headers import CutShort, Header, png, pnm, read_header
from fer_edge.pictures.headers.exif import upright
from fer_edge.pictures.headers.tiff_data import check_data
from fer_edge.pictures.image import Image, on_white
from fer_edge.printable import brief

log = logging.getLogger(__name__)

MAX_PIXELS = 100_000_000
"""The largest picture, unless more is allowed: 100 megapixels, 300 MB in memory."""
LONGEST_SIDE_PIXELS = 1_000_000
"""The longest side that all decoders take."""
_NO_MEMORY = -4
"""OpenCV's code of an error for want of memory."""
_ENDED_EARLY = ("premature end", "bad huffman code", "incomplete", "not enough image data")
"""Messages of the decoders that the picture's data are incomplete; libjpeg fills the rest with
grey."""


def decode_picture(data: bytes, max_pixels: int = MAX_PIXELS, name: str = "a picture") -> Image:
    """A picture as a viewer shows it: turned as its EXIF data say, what is transparent on white.

    Of an animation or of several pages the first is taken, and that is logged. 16 bits become 8.

    Args:
        data: the content of a file.
        max_pixels: width times height that it may declare; looked at before memory is taken.
        name: what the log calls it.

    Returns:
        uint8, (height, width, 3) BGR.

    Raises:
        ArgumentError: `max_pixels` is no whole number above 0.
        PictureError: not a picture, too large, cut short, or damaged. Messages begin with a verb:
            the caller puts the name before.
    """
    check_max_pixels(max_pixels)
    header = read_header(data)
    pixels = header.width * header.height
    if pixels > max_pixels:
        raise PictureError(
            f"declares {header.width}x{header.height} = {pixels:,} pixels, at most {max_pixels:,} "
            "are read: make it smaller, or read it alone and allow more (max_pixels of "
            "read_picture, or fer-edge photo --max-pixels)"
        )
    if max(header.width, header.height) > LONGEST_SIDE_PIXELS:
        raise PictureError(
            f"declares {header.width}x{header.height} pixels, at most {LONGEST_SIDE_PIXELS:,} a "
            "side are read: cut it into parts"
        )
    image = _decoded(data, header, name)
    if header.several:
        log.info("%s holds several pictures: the first is read", name)
    return image


def check_max_pixels(max_pixels: Any) -> None:
    """Raises:
    ArgumentError: it is no whole number above 0.
    """
    whole = isinstance(max_pixels, int | np.integer) and not isinstance(max_pixels, bool)
    if not whole or max_pixels < 1:
        raise ArgumentError(f"max_pixels must be a whole number above 0, got {brief(max_pixels)}")


def _decoded(data: bytes, header: Header, name: str) -> Image:
    flags = cv2.IMREAD_UNCHANGED if header.alpha else cv2.IMREAD_COLOR
    if header.orientation is not None:
        flags |= cv2.IMREAD_IGNORE_ORIENTATION
    if header.white is not None:
        flags |= cv2.IMREAD_ANYDEPTH
    if header.format == "PNG":
        data = png.first_picture(data)
    elif header.format == "TIFF":
        check_data(data)
    elif data.startswith(pnm.TEXT_MAGICS):
        # OpenCV wants a blank behind the last number, too.
        data += b"\n"
    try:
        with caught_c_stderr() as said, quiet_opencv():
            image: Any = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except (cv2.error, MemoryError, ValueError) as error:
        if isinstance(error, MemoryError) or getattr(error, "code", 0) == _NO_MEMORY:
            raise PictureError("needs more memory than there is") from error
        # Unlike what it prints, the error that OpenCV raises may have several lines.
        reason = getattr(error, "err", None) or str(error) or type(error).__name__
        raise PictureError(f"cannot be decoded, it is damaged ({reason})") from error
    _judge(image, header, said, name)
    if header.format == "PNM" and pnm.has_levels_above_white(data):
        log.warning("%s is damaged: what is above the white of its header is shown as white", name)
    if header.alpha:
        image = _without_alpha(image, header)
    if header.white is not None:
        image = cv2.convertScaleAbs(image, alpha=255 / header.white)
    image = np.asarray(image, np.uint8)
    return image if header.orientation is None else upright(image, header.orientation)


def _judge(image: Any, header: Header, said: list[str], name: str) -> None:
    """Raises or logs what the decoder's messages say about damage."""
    message = "; ".join(dict.fromkeys(said))
    if any(sign in message.lower() for sign in _ENDED_EARLY):
        raise CutShort(
            f"is cut short or damaged: its {header.format} data end before the picture does "
            f"({message})"
        )
    if image is None:
        why = f" ({message})" if message else ""
        raise PictureError(
            f"is damaged, or a {header.format} of a kind that OpenCV {cv2.__version__} cannot "
            f"decode{why}: save it anew as JPEG or PNG"
        )
    if message and header.format == "JPEG":
        # libpng warns about notes beside the pixels, libjpeg about the pixels.
        log.warning("%s is damaged, part of it may be wrong (%s)", name, message)


def _without_alpha(image: npt.NDArray[Any], header: Header) -> Image:
    # OpenCV gives no alpha of grey pictures whose file has it.
    if image.ndim == 2 and header.format == "TIFF":
        raise PictureError(
            "is a grey TIFF with transparency, which OpenCV cannot give: save it as PNG with an "
            "alpha channel, or without transparency"
        )
    if image.ndim == 2 and header.transparent_grey is not None:
        image = np.where(image == header.transparent_grey, np.iinfo(image.dtype).max, image)
    if image.dtype == np.uint16:
        image = (image >> 8).astype(np.uint8)
    if image.ndim == 2:
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), np.uint8)
    if image.shape[2] == 4:
        return on_white(image, header.premultiplied)
    return np.asarray(image, np.uint8)
