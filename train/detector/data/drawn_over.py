"""Removes green boxes and dots that somebody drew on photos, as far as possible."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from fer_edge.pictures.image import grey

LINE_GREENNESS = 15
"""How much greener than red and blue a pixel of a line is."""
DOT_GREENNESS, DOT_DARKNESS = 5, 12
"""How much greener and darker than what is around it a dot is; on skin it is hardly green."""
SURROUNDINGS_PIXELS, DOT_PIXELS = 11, 5
"""Pixels around a dot that it is compared with, and the size that it is smaller than."""
INPAINT_RADIUS_PIXELS = 3
"""The distance of the pixels from which a drawn-over pixel is filled in."""


def without_drawings(image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The grey picture, with lines and dots filled in from what lies around them.

    Telea, "An Image Inpainting Technique Based on the Fast Marching Method", 2004.

    Args:
        image: (height, width, 3) BGR.
    """
    blue, green, red = (image[..., channel].astype(np.int16) for channel in range(3))
    greenness = np.clip(green - np.maximum(red, blue) + 128, 0, 255).astype(np.uint8)
    pixels = grey(image)
    darkness = cv2.morphologyEx(
        pixels, cv2.MORPH_BLACKHAT, np.ones((DOT_PIXELS, DOT_PIXELS), np.uint8)
    )
    greener = greenness.astype(np.int16) - cv2.medianBlur(greenness, SURROUNDINGS_PIXELS)
    drawn = (greenness > 128 + LINE_GREENNESS) | (
        (greener > DOT_GREENNESS) & (darkness > DOT_DARKNESS)
    )
    mask = cv2.dilate(drawn.astype(np.uint8), np.ones((3, 3), np.uint8))
    return np.asarray(cv2.inpaint(pixels, mask, INPAINT_RADIUS_PIXELS, cv2.INPAINT_TELEA), np.uint8)
