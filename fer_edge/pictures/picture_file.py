"""Reading a picture from a file."""

from __future__ import annotations

import errno
import os
import stat
from typing import Any

from fer_edge.errors import ArgumentError, PictureError, PictureFileError
from fer_edge.pictures.decoding import MAX_PIXELS, check_max_pixels, decode_picture
from fer_edge.pictures.headers import LONGEST_BEGINNING_BYTES, check_beginning
from fer_edge.pictures.image import Image
from fer_edge.printable import printable

BYTES_A_PIXEL = 8
"""Four channels of 16 bits, as in the largest uncompressed picture."""
LARGEST_EXTRA_BYTES = 64 << 20
"""Bytes that a file may hold beside its pixels: thumbnails, depth, a short film."""
_KINDS = (
    (stat.S_ISDIR, "a folder: name the pictures in it"),
    (stat.S_ISFIFO, "a pipe: save what comes out of it to a file"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
)


def read_picture(path: str | os.PathLike[str], max_pixels: int = MAX_PIXELS) -> Image:
    """A picture file as a viewer shows it: turned by its EXIF data, transparency on white.

    JPEG, PNG, WebP, BMP, TIFF (of whole numbers) and PNM are read. GIF is where this OpenCV can
    (5, or a 4.11 or later that was built with it). The content decides the format, not the name. Of
    an animation or of pages the first picture is read; 16 bits become 8.

    Args:
        path: a regular file.
        max_pixels: width times height that it may declare. Larger ones are refused before memory is
            taken for them.

    Returns:
        uint8, (height, width, 3) BGR.

    Raises:
        ArgumentError: `path` is no path, or `max_pixels` no whole number above 0.
        PictureFileError: missing, unreadable, or no file.
        PictureError: not a picture, of a kind that is not read here, too large, cut short, damaged.
    """
    check_max_pixels(max_pixels)
    if not isinstance(path, str | os.PathLike):
        raise ArgumentError(f"a picture's path is a str or a Path, got {type(path).__name__}")
    try:
        name: Any = os.fspath(path)
        data = _read(name, int(max_pixels) * BYTES_A_PIXEL + LARGEST_EXTRA_BYTES)
        return decode_picture(data, int(max_pixels), str(path))
    except PictureFileError:
        raise
    except PictureError as error:
        # A name from a Path, so that it is shown as the user gave it.
        raise type(error)(f"{printable(path)} {error}") from error
    except OSError as error:
        raise _of_file(path, error.strerror or str(error)) from error
    except ValueError as error:
        # A NUL in the name.
        raise _of_file(path, str(error)) from error
    except MemoryError as error:  # for the file's bytes
        raise PictureError(f"{printable(path)} needs more memory than there is") from error


def _of_file(path: Any, reason: str) -> PictureFileError:
    return PictureFileError(f"{printable(path)} cannot be read: {reason}")


def _read(path: str, most: int) -> bytes:
    """The content, if it is a regular file of at most `most` bytes that begins like a picture."""
    # Without O_NONBLOCK, opening a pipe would wait for somebody who writes.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    try:
        status = os.fstat(descriptor)
        for is_kind, what in _KINDS:
            if is_kind(status.st_mode):
                raise OSError(errno.EINVAL, f"it is no file but {what}")
        beginning = _up_to(descriptor, LONGEST_BEGINNING_BYTES)
        check_beginning(beginning)
        # A file that grows meanwhile ends here, too.
        if status.st_size <= most:
            rest = _up_to(descriptor, most + 1 - len(beginning))
            if len(beginning) + len(rest) <= most:
                return beginning + rest
    finally:
        os.close(descriptor)
    raise PictureError(
        f"is a file of {max(status.st_size, most + 1):,} bytes, more than a picture of so many "
        f"pixels takes ({most:,})"
    )


def _up_to(descriptor: int, most: int) -> bytes:
    parts, left = [], most
    while left:
        # Read in parts, so that memory is taken only for bytes that exist.
        part = os.read(descriptor, min(left, 1 << 20))
        if not part:
            break
        parts.append(part)
        left -= len(part)
    return b"".join(parts)
