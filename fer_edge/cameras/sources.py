"""Reads a source: a text, a path, a number, or a list of pictures."""

from __future__ import annotations

import io
import itertools
import operator
import os
import re
from collections.abc import Iterable, Mapping, Set
from pathlib import Path
from typing import Any

import numpy as np

from fer_edge.errors import ArgumentError
from fer_edge.printable import brief

SCHEMES = ("http", "https", "rtsp", "rtsps", "udp")
"""Schemes of addresses; nothing else reaches the network."""
LAST_CAMERA_NUMBER = 255
"""The highest number of a /dev/video…; a larger number in a text is a file's name."""
MOST_PICTURES = 1_000_000
"""In a list; a generator may have no end."""
EXPECTED_SOURCES = (
    "expected a camera's number, /dev/video…, picamera, a video, a picture, a folder or list of "
    "pictures, a FIFO, -, an address (http, https, rtsp, rtsps, udp), or sample"
)


def number_of(source: object) -> int | None:
    """A camera's number, or None if `source` is no whole number.

    Raises:
        ArgumentError: a bool, or a number that no camera has.
    """
    if isinstance(source, bool | np.bool_):
        raise ArgumentError(f"{brief(source)} is no source: {EXPECTED_SOURCES}")
    try:
        number = operator.index(source)  # type: ignore[arg-type]
    except TypeError:
        return None
    if not 0 <= number <= LAST_CAMERA_NUMBER:
        raise ArgumentError(f"a camera's number is 0 to {LAST_CAMERA_NUMBER}, got {brief(number)}")
    return number


def keyword_number(text: str) -> int | None:
    """The camera's number that a text consists of, or None."""
    if re.fullmatch(r"0|[1-9][0-9]{0,2}", text) and int(text) <= LAST_CAMERA_NUMBER:
        return int(text)
    return None


def picamera_number(text: str) -> int | None:
    """Which Pi camera a text names, or None."""
    match = re.fullmatch(r"picamera(?::([0-9]{1,3}))?", text)
    return int(match[1] or 0) if match else None


def names_a_camera(text: str) -> bool:
    """Whether a text names a camera, even if a file has the same name."""
    return keyword_number(text) is not None or picamera_number(text) is not None


def address(text: str) -> str | None:
    """The address that a text is, or None: only `scheme://` is one. `address_of` checks the rest.

    Raises:
        ArgumentError: an address of another kind.
    """
    match = re.match(r"([A-Za-z][A-Za-z0-9+.-]*)://", text)
    if not match:
        return None
    scheme = match[1].lower()
    if scheme not in SCHEMES:
        if os.path.lexists(text):
            return None
        raise ArgumentError(f"addresses of {scheme}:// are not read, only {', '.join(SCHEMES)}")
    return scheme + text[match.end(1) :]


def hint(name: str) -> str:
    """What somebody may have meant by a name that no file has."""
    if name.startswith("~"):
        return " (~ is not expanded here: os.path.expanduser does it)"
    return f" (cameras have the numbers 0 to {LAST_CAMERA_NUMBER})" if name.isdigit() else ""


def path_of(source: Any) -> Path:
    """A path, of any text that a file system takes.

    Raises:
        ArgumentError: no text, an empty one, or one that no file can have.
    """
    try:
        name = os.fsdecode(source)
        os.fsencode(name)
    except (TypeError, UnicodeError) as error:
        raise ArgumentError(f"{brief(source)} is no path of a file") from error
    if not name or "\0" in name:
        raise ArgumentError(f"{brief(name)} is no path of a file: {EXPECTED_SOURCES}")
    return Path(name)


def paths_of(source: Any) -> list[Path]:
    """The pictures of a list.

    Raises:
        ArgumentError: it is no list of paths, it has no order, or it is too long.
    """
    no_list = isinstance(source, Mapping | Set | io.IOBase | np.ndarray)
    if no_list or not isinstance(source, Iterable):
        raise ArgumentError(f"a {type(source).__name__} is no source: {EXPECTED_SOURCES}")
    try:
        each = iter(source)
    except TypeError as error:
        kind = type(source).__name__
        raise ArgumentError(f"a {kind} is no source: {EXPECTED_SOURCES}") from error
    items = list(itertools.islice(each, MOST_PICTURES + 1))
    if len(items) > MOST_PICTURES:
        raise ArgumentError(f"a list of pictures has at most {MOST_PICTURES:,} of them")
    for place, item in enumerate(items):
        if not isinstance(item, str | bytes | os.PathLike):
            raise ArgumentError(f"number {place} of the list of pictures is no path: {brief(item)}")
    return [path_of(item) for item in items]
