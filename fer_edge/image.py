"""What a picture is here: a numpy array of uint8, grey or in OpenCV's order of colours."""

from __future__ import annotations

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
        found = f"dtype {image.dtype}" if isinstance(image, np.ndarray) else type(image).__name__
        raise PictureError(f"a picture is a numpy array of dtype uint8, this is {found}")
    if image.ndim == 3 and image.shape[2] == 1:
        image = image[:, :, 0]
    if image.ndim not in (2, 3) or (image.ndim == 3 and image.shape[2] != 3) or not image.size:
        raise PictureError(
            f"a picture is (height, width) or (height, width, 3), this is {image.shape}"
        )
    return np.asarray(image)


def grey(image: Image) -> Image:
    """The luma of a picture, (height, width): itself if it is grey, else from BGR by BT.601."""
    if image.ndim == 2:
        return image
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
