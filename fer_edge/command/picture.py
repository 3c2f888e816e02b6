"""Writing a picture to a file."""

from __future__ import annotations

from pathlib import Path

import cv2

from fer_edge.errors import PictureError
from fer_edge.image import Image


def write_picture(path: Path, image: Image) -> None:
    """Write a JPEG, and the folders above it.

    Raises:
        PictureError: the place cannot be written to.
    """
    _, data = cv2.imencode(".jpg", image)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.tobytes())
    except OSError as error:
        raise PictureError(f"{path} cannot be written: {error.strerror}") from error
