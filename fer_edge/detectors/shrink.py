"""Making a picture small enough for a detector."""

from __future__ import annotations

import cv2
import numpy as np

from fer_edge.image import Image


def shrink(image: Image, longest_side: int) -> Image:
    """The picture with its longer side at most `longest_side` pixels; never enlarged.

    Both sides keep at least one pixel, so the aspect ratio of a sliver may change.
    """
    height, width = image.shape[:2]
    factor = longest_side / max(height, width)
    if factor >= 1:
        return image
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
