"""Reading a picture from a file."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from fer_edge.errors import PictureError
from fer_edge.image import Image

MAX_PIXELS = 100_000_000


def read_picture(path: Path, max_pixels: int = MAX_PIXELS) -> Image:
    """A picture as a camera would have given it: BGR, turned as its EXIF data say.

    Args:
        path: the file.
        max_pixels: a picture of more is refused.

    Raises:
        PictureError: missing, unreadable, or not a picture.
    """
    if not path.is_file():
        raise PictureError(f"{path} cannot be read: it is no file")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PictureError(f"{path} cannot be read: {error.strerror}") from error
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    except cv2.error as error:
        raise PictureError(f"{path} cannot be decoded: {error.err}") from error
    if image is None:
        raise PictureError(f"{path} is not a picture, or cut short before its first row")
    if image.shape[0] * image.shape[1] > max_pixels:
        raise PictureError(f"{path} has {image.shape[0] * image.shape[1]} pixels: too many")
    return np.asarray(image, dtype=np.uint8)
