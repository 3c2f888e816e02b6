"""`Frame.of` reads pixels in each encoding, also with padded rows and in any size."""

from __future__ import annotations

import array
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fer_edge import Frame, PictureError
from tests.runtime.encoded import BGR, BYTES_A_PIXEL, GREY, HEIGHT, WIDTH, YUV, packed, yuv


@pytest.mark.parametrize("encoding", BYTES_A_PIXEL)
def test_packed_pixels_come_out_as_bgr_or_grey(encoding: str) -> None:
    pixels, expected = packed(encoding), GREY if BYTES_A_PIXEL[encoding] == 1 else BGR
    row = WIDTH * BYTES_A_PIXEL[encoding]
    padded = np.zeros((HEIGHT, row + 10), np.uint8)
    padded[:, :row] = pixels.reshape(HEIGHT, row)
    content = pixels.tobytes()
    size: dict[str, Any] = {"width": WIDTH, "height": HEIGHT}
    every_second = np.repeat(pixels, 2, axis=1)[:, ::2]
    for picture, options in (
        (pixels, {}),
        (np.asfortranarray(pixels), {}),
        (every_second, {}),
        (pixels[::-1][::-1], size),
        (content, size),
        (bytearray(content), size),
        (memoryview(content), size),
        (array.array("B", content), size),
        (np.frombuffer(content, np.uint8), {**size, "stride": row}),
        (np.frombuffer(content, np.uint8), {"width": np.int64(WIDTH), "height": np.uint8(HEIGHT)}),
        (padded, {**size, "stride": row + 10}),
        (padded, {"width": WIDTH}),
        (padded[:, :row], size),
        (padded.tobytes(), {**size, "stride": row + 10}),
        (padded.tobytes()[:-10], {**size, "stride": row + 10}),
    ):
        image = Frame.of(picture, encoding=encoding, **options).image
        assert image.flags.c_contiguous
        assert np.array_equal(image, expected)


@pytest.mark.parametrize("encoding", YUV)
def test_yuv_is_bt_601(encoding: str) -> None:
    pixels, expected = yuv(encoding)
    size: dict[str, Any] = {"width": WIDTH, "height": HEIGHT}
    for picture, options in (
        (pixels, {}),
        (pixels, size),
        (np.asfortranarray(pixels), {}),
        (pixels.tobytes(), size),
        (pixels.reshape(-1), size),
    ):
        image = Frame.of(picture, encoding=encoding, **options).image
        assert image.shape == (HEIGHT, WIDTH, 3)
        assert np.abs(image - expected).max() <= 2


@pytest.mark.parametrize("encoding", ["nv12", "nv21", "yuv420"])
def test_planes_with_padded_rows(encoding: str) -> None:
    pixels, expected = yuv(encoding)
    stride = WIDTH + 6
    padded = np.full((HEIGHT * 3 // 2, stride), 77, np.uint8)
    padded[:HEIGHT, :WIDTH] = pixels[:HEIGHT]
    if encoding == "yuv420":
        # Chroma rows have half the stride, as in picamera2's buffers.
        chroma = padded[HEIGHT:].reshape(HEIGHT, stride // 2)
        chroma[:, : WIDTH // 2] = pixels[HEIGHT:].reshape(HEIGHT, WIDTH // 2)
    else:
        padded[HEIGHT:, :WIDTH] = pixels[HEIGHT:]
    size: dict[str, Any] = {"width": WIDTH, "height": HEIGHT}
    for picture, options in (
        (padded, size),
        (padded.tobytes(), {**size, "stride": stride}),
    ):
        image = Frame.of(picture, encoding=encoding, **options).image
        assert np.abs(image - expected).max() <= 2


def test_mono16_is_scaled_from_all_its_bits_in_any_byte_order() -> None:
    deep = np.linspace(0, 65535, HEIGHT * WIDTH).astype(np.uint16).reshape(HEIGHT, WIDTH)
    expected = np.rint(deep / 257)
    size: dict[str, Any] = {"width": WIDTH, "height": HEIGHT}
    for picture, options in (
        (deep, {}),
        (deep.astype(">u2"), {}),
        (deep[..., np.newaxis], {}),
        (deep.reshape(-1), size),
        (deep.astype("<u2").tobytes(), size),
        (np.frombuffer(deep.astype(">u2").tobytes(), ">u2"), size),
        (array.array("H", deep.reshape(-1)), size),
    ):
        image = Frame.of(picture, encoding="mono16", **options).image
        assert image.dtype == np.uint8
        assert (np.abs(image - expected) <= 1).all()
    with pytest.raises(PictureError, match="mono16 is"):
        Frame.of(GREY, encoding="mono16")


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([*BYTES_A_PIXEL, "mono16", *YUV]),
    st.integers(1, 9),
    st.integers(1, 9),
    st.integers(0, 5),
)
def test_every_size_that_an_encoding_can_have_is_taken(
    encoding: str, width: int, height: int, padding: int
) -> None:
    chroma = encoding in ("nv12", "nv21", "yuv420")
    if encoding in YUV:
        width *= 2
    if chroma:
        height, padding = height * 2, padding * 2
    stride = width * (2 if ("yu" in encoding and not chroma) or encoding == "uyvy" else 1)
    stride *= 2 if encoding == "mono16" else BYTES_A_PIXEL.get(encoding, 1)
    stride += padding
    content = bytes(stride * (height * 3 // 2 if chroma else height))
    frame = Frame.of(content, encoding=encoding, width=width, height=height, stride=stride)
    assert frame.image.shape[:2] == (height, width)
