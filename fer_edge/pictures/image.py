"""Checks pictures: numpy arrays of uint8, grey or in OpenCV's order of colours."""

from __future__ import annotations

import os
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from fer_edge.errors import PictureError

Image = npt.NDArray[np.uint8]


def checked_image(image: Any) -> Image:
    """`image` itself, if it is a picture.

    Returns:
        uint8, (height, width) grey or (height, width, 3) in OpenCV's BGR order; a trailing
        axis of one channel is dropped.

    Raises:
        PictureError: another type, dtype or shape, or no pixels.
    """
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8:
        raise PictureError(f"a picture is a numpy array of dtype uint8, {_advice(image)}")
    if image.ndim == 3 and image.shape[2] == 1:
        image = image[:, :, 0]
    if image.ndim not in (2, 3) or (image.ndim == 3 and image.shape[2] != 3) or not image.size:
        raise PictureError(
            "a picture is (height, width) grey or (height, width, 3) BGR and has pixels, this is "
            f"{image.shape}{_hint(image)}"
        )
    return np.asarray(image)


def _advice(thing: Any) -> str:
    """What came instead of an array of uint8, and what makes a picture of it."""
    if not isinstance(thing, np.ndarray):
        found = f"this is {type(thing).__name__}"
        if isinstance(thing, str | os.PathLike):
            return f"{found}: `read_picture` reads files"
        if isinstance(thing, bytes | bytearray | memoryview):
            return f"{found}: Frame.of takes it with its encoding"
        if thing is None:
            return f"{found}: what gave it could not read a picture"
        if isinstance(thing, list | tuple):
            return f"{found}: give numpy.asarray(picture, numpy.uint8)"
        return f"{found}: Frame.of makes a frame of what ROS and PIL give"
    found = f"this is of {thing.dtype}"
    if thing.dtype.kind == "f":
        return f"{found}: if it is of 0 to 1, give (255 * picture).astype(numpy.uint8)"
    if thing.dtype.kind == "u" and thing.dtype.itemsize == 2:
        return f"{found}: Frame.of takes it with encoding='mono16' if it is grey"
    return found


def _hint(image: npt.NDArray[np.uint8]) -> str:
    if image.ndim == 3 and image.shape[0] in (1, 3):
        return ": give picture.transpose(1, 2, 0)"
    if image.ndim == 3 and image.shape[2] == 4:
        return ": Frame.of takes it with encoding='bgra8' or 'rgba8'"
    if image.ndim == 3 and image.shape[2] == 2:
        return ": Frame.of takes it with encoding='yuv422' or 'yuv422_yuy2'"
    return ""


def grey(image: Image) -> Image:
    """The luma of a picture, (height, width): itself if it is grey, else from BGR by BT.601."""
    if image.ndim == 2:
        return image
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), dtype=np.uint8)


def on_white(image: npt.NDArray[np.uint8], premultiplied: bool = False) -> Image:
    """A (height, width, 4) BGRA picture on white, as a page shows it: (height, width, 3) BGR.

    What lies under transparent pixels is often noise, which a detector would see. `premultiplied`
    says that the colours are multiplied by alpha already.
    """
    if image[:, :, 3].min() == 255:
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGRA2BGR), np.uint8)
    result = np.empty((*image.shape[:2], 3), np.uint8)
    # A few rows at once: the numbers between are of 16 bits.
    step = max(1, (1 << 18) // image.shape[1])
    for top in range(0, image.shape[0], step):
        rows = image[top : top + step]
        alpha = rows[:, :, 3:].astype(np.uint16)
        colours = rows[:, :, :3].astype(np.uint16) * (np.uint16(255) if premultiplied else alpha)
        # Colours may be larger than a damaged picture's alpha lets them be.
        colours = np.minimum(colours, alpha * np.uint16(255))
        mixed = colours + (255 - alpha) * np.uint16(255) + np.uint16(127)
        result[top : top + step] = mixed // 255
    return result


def grey_of_16_bits(image: npt.NDArray[np.uint16]) -> Image:
    """A (height, width) picture of all 16 bits, 0..65535 in any byte order, as 0..255."""
    native = np.asarray(image, np.uint16)
    return np.asarray(cv2.convertScaleAbs(native, alpha=1 / 257), np.uint8)
