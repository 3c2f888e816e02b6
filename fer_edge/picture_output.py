"""Writing a picture to a file: whole or not at all, and never over another."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import cv2

from fer_edge.errors import OutputError
from fer_edge.image import Image
from fer_edge.unfinished import unfinished

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")
"""What pictures may be called: the suffix says the format."""


def write_picture(path: Path, image: Image, *, overwrite: bool = False) -> None:
    """Write a picture in the format that the name's suffix says, and the folders above it.

    Args:
        path: where to.
        image: uint8, (height, width) grey or (height, width, 3) BGR.
        overwrite: whether a file of that name may be replaced.

    Raises:
        OutputError: there is such a file, the place cannot be written to, or the format is unknown.
    """
    try:
        encoded, data = cv2.imencode(path.suffix, image)
    except cv2.error as error:
        raise OutputError(f"{path} cannot be written as {path.suffix!r}: {error.err}") from error
    if not encoded:
        raise OutputError(f"{path} cannot be written as {path.suffix!r}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".fer-edge-", dir=path.parent)
        with unfinished(Path(name)):
            with open(handle, "wb") as file:
                file.write(data.tobytes())
            if overwrite:
                os.replace(name, path)
            else:
                os.link(name, path)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}") from error
