"""Writes a picture to a file: whole or not at all, and never over another by default."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import cv2
import numpy as np

from fer_edge.errors import ArgumentError, OutputError
from fer_edge.native_logs.c_stderr import caught_c_stderr
from fer_edge.native_logs.opencv_log import quiet_opencv
from fer_edge.number import check_flag
from fer_edge.pictures.image import Image, checked_image
from fer_edge.printable import printable
from fer_edge.whole_file import write_whole

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")
"""What pictures may be called: the suffix says the format."""
LARGEST_JPEG_SIDE_PIXELS = 65_500
"""Pixels of a side: libjpeg's JPEG_MAX_DIMENSION."""


def write_picture(path: str | os.PathLike[str], image: Image, *, overwrite: bool = False) -> None:
    """Write a picture in the format of its suffix, and the folders above it.

    The file appears under its name once it is whole and on the disk.

    Args:
        path: where to, with one of SUFFIXES.
        image: uint8, (height, width) grey or (height, width, 3) BGR.
        overwrite: whether an existing file may be replaced; else it stays, whoever made it and
            when.

    Raises:
        ArgumentError: the path is none.
        OutputError: an unknown suffix, an existing file (`errno` is EEXIST), a place that cannot be
            written to, or a picture that the format cannot hold.
        PictureError: `image` is no picture.
    """
    if not isinstance(path, str | os.PathLike):
        raise ArgumentError(f"a picture's path is a str or a Path, got {type(path).__name__}")
    check_flag("overwrite", overwrite)
    path = Path(os.fsdecode(path))
    content = _encoded(path, checked_image(image))
    try:
        if not overwrite and os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, "it exists already, and is not overwritten")
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content, overwrite=overwrite)
    except FileExistsError as error:
        if os.path.lexists(path):
            reason = "it exists already, and is not overwritten"
        else:
            reason = f"expected a folder, and {printable(error.filename or path.parent)} is none"
        raise _failure(path, reason) from error
    except OSError as error:
        raise _failure(path, error.strerror or str(error)) from error
    except ValueError as error:
        # A NUL in the name.
        raise _failure(path, str(error)) from error


def _failure(path: Path, reason: str) -> OutputError:
    return OutputError(f"{printable(path)} cannot be written: {reason}")


def _encoded(path: Path, image: Image) -> memoryview:
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise _failure(
            path,
            f"expected a name that ends in one of {', '.join(SUFFIXES)}, got "
            f"{path.suffix or 'none'!r}",
        )
    try:
        with caught_c_stderr(), quiet_opencv():
            worked, content = cv2.imencode(suffix, image)
    except cv2.error:
        worked = False
    if not worked:
        height, width = image.shape[:2]
        raise _failure(
            path,
            f"a {suffix} cannot hold {width}x{height} pixels (JPEG: {LARGEST_JPEG_SIDE_PIXELS:,} a "
            "side, WebP: 16,383): take .png",
        )
    return memoryview(np.ascontiguousarray(content))
