"""Pictures out of the buffers of picamera2's requests."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from fer_edge.pictures.image import Image

BGR_CONVERSION_CODES = {"NV12": cv2.COLOR_YUV2BGR_NV12, "NV21": cv2.COLOR_YUV2BGR_NV21}
"""What OpenCV calls the way to BGR, of formats that a camera may give instead of RGB888."""
LUMA_FIRST_FORMATS = ("YUV420", "YVU420", *BGR_CONVERSION_CODES)
"""Formats whose first plane is the luma."""


def colours(request: Any) -> Image:
    """The image, copied out of the camera's buffer: BGR."""
    configuration = request.config["main"]
    width, height = configuration["size"]
    # Rows may be padded to the hardware's stride, and chroma planes follow the luma's rows.
    pixels = request.make_array("main")
    code = BGR_CONVERSION_CODES.get(configuration["format"])
    if code is not None:
        planes = np.ascontiguousarray(pixels[: height * 3 // 2, :width])
        return np.asarray(cv2.cvtColor(planes, code), np.uint8)
    return np.ascontiguousarray(pixels[:height, :width, :3], dtype=np.uint8)


def small_luma(request: Any) -> Image | None:
    """The small picture's luma plane; None where it has none."""
    configuration = request.config["lores"]
    if configuration["format"] not in LUMA_FIRST_FORMATS:
        return None
    width, height = configuration["size"]
    return np.ascontiguousarray(request.make_array("lores")[:height, :width], dtype=np.uint8)
