"""Pictures of Pillow (PIL), through their own methods: Pillow itself is never imported."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from fer_edge.errors import PictureError
from fer_edge.pictures.headers.exif import ORIENTATION, upright
from fer_edge.pictures.image import Image, grey_of_16_bits, on_white

_TRANSPARENT = ("RGBA", "LA", "PA", "RGBa", "La")
_COLOURS = ("RGB", "P", "CMYK", "YCbCr", "HSV", "LAB", "RGBX")
_GREY = ("L", "1")
_DEEP = ("I;16", "I;16L", "I;16B", "I;16N")
_OPAQUE = (*_DEEP, "I", "F")
"""Pillow cannot say what of them is transparent: it cuts their levels at 255."""


def is_pil(picture: Any) -> bool:
    """Whether an object is a PIL image."""
    return any(
        kind.__name__ == "Image" and kind.__module__.startswith("PIL.")
        for kind in type(picture).__mro__
    )


def picture_of_pil(picture: Any) -> Image:
    """A PIL image as a viewer shows it: turned as its EXIF data say, what is transparent on white.

    Raises:
        PictureError: of a mode that has no grey levels (I and F), or its file is damaged.
    """
    if 0 in picture.size:
        raise PictureError(f"the PIL image has no pixels: {picture.size[0]}x{picture.size[1]}")
    try:
        # Reads the file, if that is still to be done. Its decoders raise errors of any kind.
        picture.load()
        image = _pixels(picture)
        turn = picture.getexif().get(ORIENTATION, 1)
    except PictureError:
        raise
    except Exception as error:
        raise PictureError(f"the PIL image cannot be read: {error}") from error
    return upright(image, turn) if isinstance(turn, int) else image


def _pixels(picture: Any) -> Image:
    mode = picture.mode
    if mode in _TRANSPARENT or ("transparency" in picture.info and mode not in _OPAQUE):
        rgba = np.asarray(picture.convert("RGBA"))
        return on_white(np.asarray(cv2.cvtColor(rgba, cv2.COLOR_RGBA2BGRA), np.uint8))
    if mode in _GREY:
        return np.array(picture.convert("L"), np.uint8)
    if mode in _DEEP:
        return grey_of_16_bits(np.asarray(picture))
    if mode in _COLOURS:
        rgb = np.asarray(picture.convert("RGB"))
        return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), np.uint8)
    raise PictureError(
        f"a PIL image of mode {mode} has no range of grey levels that is known: convert it to one "
        f"that has, such as L or {_DEEP[0]}"
    )
