"""One small picture in every encoding that `Frame.of` takes."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from fer_edge import read_picture
from fer_edge.cameras.sample import PORTRAIT_FILE

WIDTH, HEIGHT = 62, 38
BGR: Any = cv2.resize(read_picture(PORTRAIT_FILE), (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
GREY = BGR[..., 1].copy()
BYTES_A_PIXEL = {"bgr8": 3, "rgb8": 3, "8UC3": 3, "bgra8": 4, "rgba8": 4, "mono8": 1, "8UC1": 1}
YUV = ("yuv422", "uyvy", "yuv422_yuy2", "yuyv", "nv12", "nv21", "yuv420")


def planes() -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Luma of every pixel, and U and V of every 2x2, smooth as a camera's are."""
    down, across = np.mgrid[0:HEIGHT, 0:WIDTH]
    luma = 40 + down * 2 + across
    blue, red = 90 + down[::2, ::2] + across[::2, ::2], 180 - 2 * down[::2, ::2]
    return luma.astype(np.uint8), blue.astype(np.uint8), red.astype(np.uint8)


def from_yuv(
    luma: npt.NDArray[np.uint8], blue: npt.NDArray[np.uint8], red: npt.NDArray[np.uint8]
) -> npt.NDArray[np.float64]:
    """ITU-R BT.601 of limited range, by its formula; to BGR."""
    y, u, v = 1.164383 * (luma - 16.0), blue - 128.0, red - 128.0
    parts = (y + 2.017232 * u, y - 0.391762 * u - 0.812968 * v, y + 1.596027 * v)
    return np.asarray(np.clip(np.dstack(parts), 0, 255), np.float64)


def yuv(encoding: str) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float64]]:
    """A picture in the encoding as an array, and what it is in BGR."""
    luma, blue, red = planes()
    whole = tuple(part.repeat(2, 0).repeat(2, 1) for part in (blue, red))
    expected = from_yuv(luma, *whole)
    if encoding in ("yuv422", "uyvy", "yuv422_yuy2", "yuyv"):
        chroma = np.empty_like(luma)
        chroma[:, ::2], chroma[:, 1::2] = blue.repeat(2, 0), red.repeat(2, 0)
        pair = (chroma, luma) if encoding in ("yuv422", "uyvy") else (luma, chroma)
        return np.dstack(pair), expected
    if encoding == "yuv420":
        rest = np.concatenate([blue.reshape(-1), red.reshape(-1)])
    else:
        rest = np.dstack((blue, red) if encoding == "nv12" else (red, blue)).reshape(-1)
    flat = np.concatenate([luma.reshape(-1), rest])
    return flat.reshape(HEIGHT * 3 // 2, WIDTH), expected


def packed(encoding: str) -> npt.NDArray[np.uint8]:
    alpha = np.full((HEIGHT, WIDTH), 9, np.uint8)
    pixels: dict[str, npt.NDArray[np.uint8]] = {
        "bgr8": BGR,
        "8UC3": BGR,
        "rgb8": BGR[..., ::-1],
        "bgra8": np.dstack([BGR, alpha]),
        "rgba8": np.dstack([BGR[..., ::-1], alpha]),
        "mono8": GREY,
        "8UC1": GREY,
    }
    return pixels[encoding]
