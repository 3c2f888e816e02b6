"""`Frame.of` takes what robots have, and a frame's own fields are checked."""

from __future__ import annotations

import array
import dataclasses
import io
import math
import re
import subprocess
import sys
import time
import types
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as nps
from PIL import Image as Pil

from fer_edge import ArgumentError, FerEdgeError, Frame, PictureError, read_picture
from fer_edge.cameras.sample import PORTRAIT_FILE
from fer_edge.pictures.encodings import ENCODINGS
from tests.conftest import ROOT

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


@pytest.mark.parametrize(
    ("suffix", "encoding"),
    [
        (".jpg", "jpeg"),
        (".jpg", "jpg"),
        (".png", "png"),
        (".jpg", "rgb8; jpeg compressed bgr8"),
        (".png", "bgr8; png compressed "),
    ],
)
def test_compressed_pictures(suffix: str, encoding: str) -> None:
    content = cv2.imencode(suffix, BGR)[1]
    expected: Any = cv2.imdecode(content, cv2.IMREAD_COLOR)
    for data in (content, content.tobytes(), memoryview(content), array.array("B", bytes(content))):
        assert np.array_equal(Frame.of(data, encoding=encoding).image, expected)
    half = content.tobytes()[: len(content) // 2]
    with pytest.raises(PictureError, match="the compressed picture is cut short"):
        Frame.of(half, encoding=encoding)
    with pytest.raises(ArgumentError, match="says its size itself"):
        Frame.of(content, encoding=encoding, width=3)


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "1", "CMYK", "RGBA", "LA", "YCbCr", "HSV"])
def test_pil_images(mode: str) -> None:
    picture = Pil.fromarray(BGR[..., ::-1].copy()).convert(mode)
    image = Frame.of(picture).image
    if mode in ("L", "1"):
        assert np.array_equal(image, np.asarray(picture.convert("L")))
    else:
        assert np.array_equal(image, np.asarray(picture.convert("RGB"))[..., ::-1])


def test_pil_images_are_seen_as_a_viewer_shows_them() -> None:
    deep = np.linspace(0, 65535, HEIGHT * WIDTH).astype(np.uint16).reshape(HEIGHT, WIDTH)
    assert (np.abs(Frame.of(Pil.fromarray(deep)).image - np.rint(deep / 257)) <= 1).all()
    clear = np.dstack([BGR[..., ::-1], np.zeros((HEIGHT, WIDTH), np.uint8)])
    assert (Frame.of(Pil.fromarray(clear)).image == 255).all()
    half_clear = Pil.fromarray(deep)
    half_clear.info["transparency"] = 65535
    assert (np.abs(Frame.of(half_clear).image - np.rint(deep / 257)) <= 1).all()
    for mode in ("RGB", "RGBA", "LA", "L"):
        with pytest.raises(PictureError, match=r"the PIL image has no pixels: 0x4"):
            Frame.of(Pil.new(mode, (0, 4)))
    exif, file = Pil.Exif(), io.BytesIO()
    exif[0x0112] = 6
    Pil.fromarray(BGR[..., ::-1].copy()).save(file, "PNG", exif=exif)
    assert np.array_equal(Frame.of(Pil.open(file)).image, np.rot90(BGR, -1))
    for picture in (Pil.new("F", (4, 4)), Pil.new("I", (4, 4))):
        with pytest.raises(PictureError, match="convert it to one of L"):
            Frame.of(picture)
    half = Pil.open(io.BytesIO(file.getvalue()[:600]))
    with pytest.raises(PictureError, match="the PIL image cannot be read"):
        Frame.of(half)
    with pytest.raises(ArgumentError, match="knows its mode"):
        Frame.of(Pil.new("L", (4, 4)), encoding="mono8")


def test_pillow_is_not_needed() -> None:
    code = (
        "import sys; sys.modules['PIL'] = None\n"
        "import numpy as np, fer_edge\n"
        "print(fer_edge.Frame.of(np.zeros((4, 4), np.uint8)).image.shape)"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "(4, 4)\n"


def test_the_frame_keeps_its_picture_when_the_buffer_is_used_anew() -> None:
    for encoding in (None, *BYTES_A_PIXEL):
        pixels = np.ascontiguousarray(BGR if encoding is None else packed(encoding)).copy()
        frame = Frame.of(pixels, encoding=encoding)
        before = frame.image.copy()
        pixels[:] = 0
        assert np.array_equal(frame.image, before)
    buffer = bytearray(BGR.tobytes())
    frame = Frame.of(buffer, encoding="bgr8", width=WIDTH, height=HEIGHT)
    buffer[:] = bytes(len(buffer))
    assert np.array_equal(frame.image, BGR)
    pixels = BGR.copy()
    assert Frame.of(pixels, copy=False).image is pixels
    assert np.shares_memory(Frame.of(pixels, encoding="bgr8", copy=False).image, pixels)


@pytest.mark.parametrize(
    ("picture", "options", "told"),
    [
        (np.zeros((4, 4, 4), np.uint8), {}, "encoding='bgra8' or 'rgba8'"),
        (np.zeros((4, 4, 2), np.uint8), {}, "encoding='yuv422'"),
        (np.zeros((3, 4, 4), np.uint8), {}, "transpose"),
        (np.zeros((4, 4, 3), np.float32), {}, r"\(255 \* picture\).astype"),
        (np.zeros((4, 4), np.uint16), {}, "encoding='mono16'"),
        (np.zeros((0, 4, 3), np.uint8), {}, "has pixels"),
        (b"1234", {}, "Frame.of takes it with its encoding"),
        ("photo.jpg", {}, "`read_picture` reads files"),
        (Path("photo.jpg"), {}, "`read_picture` reads files"),
        (
            np.zeros((4, 4, 3), np.float32),
            {"encoding": "bgr8"},
            "of uint8, this is of float32",
        ),
        (np.zeros((4, 4, 4), np.uint8), {"encoding": "bgr8"}, r"bgr8 is \(height, width, 3\)"),
        (np.zeros((4, 12), np.uint8), {"encoding": "bgr8"}, r"bgr8 is \(height, width, 3\)"),
        (np.zeros((4, 5, 2), np.uint8), {"encoding": "yuv422"}, "width is even, this is 5x4"),
        (
            np.zeros((9, 5), np.uint8),
            {"encoding": "nv12"},
            "height are even, this is 5x6",
        ),
        (np.zeros((4, 6), np.uint8), {"encoding": "nv12"}, "6x2 pixels of nv12 are 3 rows"),
        (bytes(35), {"encoding": "bgr8", "width": 4, "height": 3}, "are 36 bytes, this is 35"),
        (bytes(37), {"encoding": "bgr8", "width": 4, "height": 3}, "are 36 bytes, this is 37"),
        (
            bytes(9),
            {"encoding": "mono8", "width": 4, "height": 3, "stride": 3},
            "4 bytes, not 3",
        ),
        (bytes(36), {"encoding": "bgr8"}, "do not say their width and height"),
        (bytes(36), {"encoding": "bgr8", "width": 10**6, "height": 10**6}, "this is 36"),
        (bytes(36), {"encoding": "bgr8", "width": 10**30, "height": 9}, "width must be 1 or"),
        (np.zeros((4, 4, 3), np.uint8), {"encoding": "bgr8", "width": 3}, "width 3 was asked for"),
        (np.zeros((4, 4, 3), np.uint8), {"encoding": "bgr8", "height": 5}, "4x5 pixels of bgr8"),
        (np.zeros((4, 4, 3), np.uint8), {"encoding": "bgr8", "stride": 16}, "stride 16"),
        (np.zeros((4, 4, 3), np.uint8), {"width": 4}, "say its encoding"),
        (BGR, {"encoding": "BGR"}, "expected an encoding of bgr8, rgb8, .*, got 'BGR'"),
        (BGR, {"encoding": "16UC1; compressedDepth png"}, "expected an encoding"),
        (BGR, {"encoding": 3}, "an encoding is a str"),
        (BGR, {"encoding": "bgr8", "width": 0}, "width must be 1 or more and at most .*; got 0"),
        (BGR, {"encoding": "bgr8", "height": 1.5}, "height must be"),
        (BGR, {"encoding": "bgr8", "stride": True}, "stride must be"),
        ([1, 2, 3], {"encoding": "mono8", "width": 1, "height": 3}, "this is list"),
        ("abc", {"encoding": "jpeg"}, "this is str"),
        (b"abc", {"encoding": "jpeg"}, "the compressed picture is not a picture"),
        (np.zeros(9, np.int16), {"encoding": "jpeg"}, "is bytes, this is of int16"),
    ],
)
def test_what_is_ambiguous_or_impossible_is_refused(
    picture: Any, options: dict[str, Any], told: str
) -> None:
    with pytest.raises((PictureError, ArgumentError), match=told):
        Frame.of(picture, **options)


def test_the_ros_example_of_the_docs_runs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    page = (ROOT / "docs" / "frames.md").read_text("utf-8")
    names: dict[str, Any] = {}
    exec(page.split("```python\n")[1].split("```")[0], names)
    portrait = read_picture(PORTRAIT_FILE)
    height, width = portrait.shape[:2]
    message = types.SimpleNamespace(
        data=array.array("B", portrait.tobytes()),
        encoding="bgr8",
        width=width,
        height=height,
        step=3 * width,
        header=types.SimpleNamespace(stamp=types.SimpleNamespace(sec=1_700_000_000, nanosec=5)),
    )
    names["on_image"](message)
    assert capsys.readouterr().out == "happy\n"
    content = array.array("B", PORTRAIT_FILE.read_bytes())
    names["on_compressed"](types.SimpleNamespace(data=content, format="rgb8; jpeg compressed bgr8"))
    first_columns = " ".join(row.split(" | ")[0] for row in page.splitlines())
    assert set(ENCODINGS) <= set(re.findall(r"`(\w+)`", first_columns))


def test_a_timestamp_is_on_the_clock_that_is_named() -> None:
    now = Frame.of(BGR)
    assert (now.clock, now.moment) == ("monotonic", "arrival")
    assert now.age is not None
    assert 0 <= now.age < 60
    # A robot's stamp counts from 1970: an age of it would be wrong by half a century.
    stamped = Frame.of(BGR, timestamp=1.7e9, moment="exposure", index=3, source="/camera")
    assert (stamped.clock, stamped.moment, stamped.age) == ("external", "exposure", None)
    assert (stamped.timestamp, stamped.index, stamped.source) == (1.7e9, 3, "/camera")
    own = Frame.of(BGR, timestamp=time.monotonic() - 5, clock="monotonic")
    assert own.age is not None
    assert own.age >= 5
    assert Frame.of(BGR, timestamp=2, clock="recording").moment == "position"
    with pytest.raises(ArgumentError, match="the external clock needs its timestamp"):
        Frame.of(BGR, clock="external")


def test_numbers_of_numpy_become_plain_ones() -> None:
    frame = Frame(BGR, np.float32(1.5), np.int64(7))  # type: ignore[arg-type]
    assert (type(frame.timestamp), type(frame.index)) == (float, int)
    assert type(Frame(BGR, 3).timestamp) is float
    assert Frame(BGR[..., :1], 0.0).image.shape == (HEIGHT, WIDTH)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"timestamp": math.nan}, "a timestamp is a finite number of seconds, got nan"),
        ({"timestamp": np.float32("inf")}, "a timestamp is"),
        ({"timestamp": 10**400}, "a timestamp is"),
        ({"timestamp": None}, "a timestamp is"),
        ({"timestamp": "1"}, "a timestamp is"),
        ({"timestamp": True}, "a timestamp is"),
        ({"index": -1}, "a frame's index is a whole number from 0 on, got -1"),
        ({"index": 1.0}, "a frame's index"),
        ({"index": True}, "a frame's index"),
        ({"source": None}, "a frame's source is a str"),
        ({"clock": "ros"}, "clock is one of monotonic, recording, external, got 'ros'"),
        ({"clock": ["monotonic"]}, "clock is one of"),
        ({"moment": "now"}, "moment is one of"),
        ({"luma": BGR}, r"a luma is grey, \(height, width\)"),
        ({"luma": GREY.astype(np.float32)}, "dtype uint8"),
        ({"luma": np.zeros((HEIGHT, HEIGHT), np.uint8)}, "has its aspect"),
        ({"image": None}, "dtype uint8, this is NoneType"),
        ({"image": np.zeros((4, 4, 4), np.uint8)}, "bgra8"),
    ],
)
def test_a_frames_fields_are_checked(fields: dict[str, Any], told: str) -> None:
    frame = Frame(BGR, 1.0)
    with pytest.raises(FerEdgeError, match=told) as caught:
        dataclasses.replace(frame, **fields)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("size", [(1920, 1080), (640, 480), (1296, 972), (1080, 1920), (101, 7)])
def test_a_luma_may_be_rounded_to_even_sides(size: tuple[int, int]) -> None:
    width, height = size
    for across in (width, width // 2, width // 3 + 1):
        down = max(1, round(across * height / width / 2) * 2)
        luma = np.zeros((down, across), np.uint8)
        assert Frame(np.zeros((height, width), np.uint8), 0.0, luma=luma).luma is not None


_KINDS: Any = st.sampled_from([np.uint8, np.uint16, np.int16, np.float32, np.bool_, ">u2"])
ANYTHING = (
    nps.arrays(
        _KINDS,
        nps.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=12),
    )
    | st.binary(max_size=600)
    | st.sampled_from([None, 3, "x", [], object(), memoryview(bytes(600)).cast("B", (20, 30))])
)
NUMBER = st.none() | st.integers(-2, 40) | st.sampled_from([10**40, 1.5, "4", True])


@settings(max_examples=500, deadline=None)
@given(
    ANYTHING,
    st.none() | st.sampled_from(ENCODINGS) | st.text(max_size=8),
    NUMBER,
    NUMBER,
    NUMBER,
    st.booleans(),
)
def test_anything_gives_a_frame_or_an_error_of_ours(
    picture: Any, encoding: Any, width: Any, height: Any, stride: Any, copy: bool
) -> None:
    try:
        frame = Frame.of(
            picture, encoding=encoding, width=width, height=height, stride=stride, copy=copy
        )
    except FerEdgeError as error:
        assert len(str(error).splitlines()) == 1
        return
    assert frame.image.dtype == np.uint8
    assert frame.image.size
    assert frame.image.ndim == 2 or frame.image.shape[2] == 3
    if isinstance(width, int) and not isinstance(width, bool):
        assert frame.image.shape[1] == width


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


@pytest.mark.parametrize("picture", [np.zeros((4, 4), np.uint8), b"\xff\xd8"])
def test_a_size_that_is_an_array_is_refused(picture: Any) -> None:
    """NumPy compares an array with None element by element."""
    encoding = "jpeg" if isinstance(picture, bytes) else None
    for size in (np.array([], np.uint8), np.array([1, 2])):
        with pytest.raises(ArgumentError, match="width, height and stride"):
            Frame.of(picture, height=size, encoding=encoding)  # type: ignore[arg-type]
