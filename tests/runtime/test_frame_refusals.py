"""`Frame.of` makes a frame of anything, or refuses it with an error of ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as nps

from fer_edge import ArgumentError, FerEdgeError, Frame, PictureError
from fer_edge.pictures.encodings import ENCODINGS
from tests.runtime.encoded import BGR


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


@pytest.mark.parametrize("picture", [np.zeros((4, 4), np.uint8), b"\xff\xd8"])
def test_a_size_that_is_an_array_is_refused(picture: Any) -> None:
    """NumPy compares an array with None element by element."""
    encoding = "jpeg" if isinstance(picture, bytes) else None
    for size in (np.array([], np.uint8), np.array([1, 2])):
        with pytest.raises(ArgumentError, match="width, height and stride"):
            Frame.of(picture, height=size, encoding=encoding)  # type: ignore[arg-type]
