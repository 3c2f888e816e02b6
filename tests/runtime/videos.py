"""Makes recordings for tests: a moving portrait, in any container, whole or damaged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from fer_edge.cameras.sample import PORTRAIT_FILE
from fer_edge.pictures.image import Image

MILLISECOND = Fraction(1, 1000)
STEP = 33
"""Milliseconds from one frame to the next."""


def pictures(count: int, width: int = 320, height: int = 240) -> list[Image]:
    """The portrait, moved by three columns from one to the next."""
    portrait = cv2.imread(str(PORTRAIT_FILE))
    assert portrait is not None
    image = np.asarray(cv2.resize(portrait, (width, height)), np.uint8)
    return [np.ascontiguousarray(np.roll(image, 3 * n, axis=1)) for n in range(count)]


_written: dict[object, bytes] = {}


def write_video(
    path: Path,
    images: Iterable[Image] | None = None,
    *,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    times: Sequence[int] | None = None,
    form: str | None = None,
    options: dict[str, str] | None = None,
) -> Path:
    """Write a video of 40 pictures, or of others.

    Args:
        path: whose ending names the container, unless `form` does.
        images: BGR.
        codec: an encoder of FFmpeg.
        pixels: its pixel format.
        times: milliseconds of each; by default 33 apart.
        form: FFmpeg's name of the container.
        options: the container's.
    """
    kind = (path.suffix, codec, pixels, tuple(times or ()), form, tuple((options or {}).items()))
    if images is not None:
        _write(path, list(images), codec, pixels, times, form, options or {})
    elif kind in _written:
        path.write_bytes(_written[kind])
    else:
        _write(path, pictures(40), codec, pixels, times, form, options or {})
        _written[kind] = path.read_bytes()
    return path


def _write(
    path: Path,
    images: Sequence[Image],
    codec: str,
    pixels: str,
    times: Sequence[int] | None,
    form: str | None,
    options: dict[str, str],
) -> None:
    av: Any = pytest.importorskip("av")
    with av.open(str(path), "w", format=form, options=options) as container:
        stream = container.add_stream(codec, rate=30)
        stream.height, stream.width = images[0].shape[:2]
        stream.pix_fmt = pixels
        stream.codec_context.gop_size = 10
        if codec == "libvpx":
            stream.options = {"deadline": "realtime", "cpu-used": "8"}
        stream.codec_context.time_base = MILLISECOND
        for n, image in enumerate(images):
            frame = av.VideoFrame.from_ndarray(image, format="bgr24")
            frame.pts = n * STEP if times is None else times[n]
            frame.time_base = MILLISECOND
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)


def turn_track(path: Path, degrees: int) -> None:
    """Rewrite an MP4's matrix as telephones do: degrees clockwise that a player turns it."""
    one, w = 1 << 16, 1 << 30
    rows = {
        90: (0, one, 0, -one, 0, 0, 0, 0, w),
        180: (-one, 0, 0, 0, -one, 0, 0, 0, w),
        270: (0, -one, 0, one, 0, 0, 0, 0, w),
    }[degrees]
    data = bytearray(path.read_bytes())
    version_at = data.index(b"tkhd") + 4
    at = version_at + 4 + (32 if data[version_at] else 20) + 16
    data[at : at + 36] = b"".join(number.to_bytes(4, "big", signed=True) for number in rows)
    path.write_bytes(data)


def overwrite(path: Path, share: float, count: int, seed: int | None = 0) -> None:
    """Damage `count` bytes from a share of a file's length on: noise, or zeros without a seed."""
    data = bytearray(path.read_bytes())
    at = int(share * len(data))
    noise = bytes(count) if seed is None else np.random.default_rng(seed).bytes(count)
    data[at : at + count] = noise[: len(data) - at]
    path.write_bytes(data)


def cut(path: Path, share: float) -> None:
    """Keep only the first share of a file."""
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
