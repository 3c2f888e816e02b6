"""A frame's own fields are checked, and its time is on a named clock."""

from __future__ import annotations

import dataclasses
import math
import time
from typing import Any

import numpy as np
import pytest

from fer_edge import ArgumentError, FerEdgeError, Frame
from tests.runtime.encoded import BGR, GREY, HEIGHT, WIDTH


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


def test_a_time_of_another_clock_is_not_taken_for_monotonic() -> None:
    for wrong in (time.time(), time.monotonic() + 4e8, 1e300):
        with pytest.raises(ArgumentError, match=r"give time.monotonic\(\), or another clock"):
            Frame.of(BGR, timestamp=wrong, clock="monotonic")
        assert Frame.of(BGR, timestamp=wrong).clock == "external"
    assert Frame(BGR, time.monotonic() + 1e8).clock == "monotonic"


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
