"""Right and hostile values for whatever `fer_edge` exports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st

import fer_edge

KINDS = (np.uint8, np.int8, np.uint16, np.int64, np.float32, np.float64, np.bool_, np.complex64)
BOX = fer_edge.Box(10.0, 10.0, 60.0, 60.0)
EMOTION = fer_edge.Emotion("happy", 0.75, {"happy": 0.75, "sad": 0.25})
POINTS = ((20.0, 30.0), (60.0, 30.0), (40.0, 45.0), (25.0, 60.0), (55.0, 60.0))
DETECTION = fer_edge.Detection(BOX, BOX, 0.9, POINTS)
FACE = fer_edge.Face(BOX, 0.9, EMOTION, POINTS, BOX)
READING = fer_edge.Reading(0, 0.0, (FACE,), 0.001, 0.001)
PICTURE = np.full((80, 80, 3), 128, np.uint8)
NAMES = (
    *("", " ", "-1", "0", "00", "..", "/", "a\0b", "a\udce9", "\ud800", "a" * 5000, "a/" * 3000),
    *(
        "/dev/null",
        "/dev/zero",
        "picamera:99999999999999999999",
        "99999999999",
        "http:127.0.0.1:80",
    ),
    *("face", "edge", "a.onnx", "a.tflite", "a\0.onnx", "a\udce9.tflite", "litert", "happy"),
)
NUMBERS = [0, -1, 1, 2**31, 2**63, -(2**64), 10**400, True, False]


class Odd:
    """Refuses all that Python asks of it."""

    def _refuse(self, *_: object) -> Any:
        raise TypeError("odd")

    __len__ = __iter__ = __getitem__ = __float__ = __int__ = __bool__ = _refuse


HOSTILE = st.one_of(
    st.none(),
    st.sampled_from(NUMBERS),
    st.integers(-5, 5),
    st.floats(),
    st.complex_numbers(),
    st.sampled_from(NAMES),
    st.sampled_from(NAMES).map(lambda name: Path(name)),
    st.text(max_size=8),
    st.binary(max_size=8),
    st.tuples(st.lists(st.integers(0, 9), max_size=4).map(tuple), st.sampled_from(KINDS)).map(
        lambda made: np.ones(*made)
    ),
    st.sampled_from(KINDS).map(lambda kind: kind(1)),
    st.sampled_from([np.float32("nan"), np.float64("inf"), object(), Odd(), dict, len, ...]),
    st.sampled_from([BOX, EMOTION, DETECTION, FACE, READING, PICTURE]),
    st.recursive(
        st.none() | st.floats() | st.text(max_size=3) | st.sampled_from([DETECTION, FACE, BOX]),
        lambda inside: (
            st.lists(inside, max_size=3)
            | st.lists(inside, max_size=5).map(tuple)
            | st.dictionaries(st.text(max_size=3), inside, max_size=3)
        ),
        max_leaves=6,
    ),
)
