"""Writing a picture to a file: whole or not at all, and never over another."""

from __future__ import annotations

import errno
import os
import secrets
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from fer_edge.c_stderr import caught_c_stderr
from fer_edge.errors import OutputError
from fer_edge.image import Image, checked_image
from fer_edge.opencv_log import quiet_opencv
from fer_edge.unfinished import unfinished

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")
"""What pictures may be called: the suffix says the format."""
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK, errno.EINVAL)
"""What file systems without hard links (FAT on a memory card) answer."""


def write_picture(path: Path, image: Image, *, overwrite: bool = False) -> None:
    """Write a picture in the format of its suffix, and the folders above it.

    The file appears under its name once it is whole and on the disk.

    Args:
        path: where to, with one of SUFFIXES.
        image: uint8, (height, width) grey or (height, width, 3) BGR.
        overwrite: whether an existing file may be replaced; else it stays, whoever made it and
            when.

    Raises:
        OutputError: an unknown suffix, an existing file (`errno` is EEXIST), a place that cannot be
            written to, or a picture that the format cannot hold.
        PictureError: `image` is no picture.
    """
    content = _encoded(path, checked_image(image))
    try:
        if not overwrite and os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, "it exists already, and is not overwritten")
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, content, overwrite)
    except FileExistsError as error:
        # The folder's name may be that of a file, too.
        reason = "it exists already, and is not overwritten"
        raise _failure(path, reason if os.path.lexists(path) else error.strerror, error) from error
    except OSError as error:
        raise _failure(path, error.strerror or str(error), error) from error
    except ValueError as error:
        # A NUL in the name.
        raise _failure(path, str(error), None) from error


def _failure(path: Path, reason: Any, error: OSError | None) -> OutputError:
    told = OutputError(f"{path} cannot be written: {reason}")
    told.errno = error.errno if error else errno.EINVAL
    return told


def _encoded(path: Path, image: Image) -> memoryview:
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise _failure(
            path,
            f"expected a name that ends in one of {', '.join(SUFFIXES)}, got "
            f"{path.suffix or 'none'!r}",
            None,
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
            f"a {suffix} cannot hold {width}x{height} pixels (JPEG: 65,500 a side, WebP: 16,383): "
            "take .png",
            None,
        )
    return memoryview(np.ascontiguousarray(content))


def _write(path: Path, content: memoryview, overwrite: bool) -> None:
    # In the same folder, so that it only needs another name; short, whatever the name's length.
    part = path.parent / f".{secrets.token_hex(8)}.part"
    with unfinished(part):
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        if overwrite:
            os.replace(part, path)
        else:
            _name(part, path)


def _name(part: Path, path: Path) -> None:
    """Give the file its name, unless something has it."""
    try:
        os.link(part, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # Whoever makes the name first has it; then the whole file takes its place.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666))
        try:
            os.replace(part, path)
        except BaseException:
            path.unlink()
            raise
