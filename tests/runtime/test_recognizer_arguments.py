"""A recognizer refuses what is no detector, and numbers that make no sense."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fer_edge import (
    ArgumentError,
    EmotionClassifier,
    Recognizer,
)
from fer_edge.detectors import FaceDetector
from tests.runtime.own_detectors import Mine


@pytest.mark.parametrize("colour", ["rgb", None, 7, ["grey"]])
def test_an_unknown_colour_is_refused(colour: Any) -> None:
    detector = Mine([])
    detector.colour = colour  # type: ignore[attr-defined]
    with pytest.raises(ArgumentError, match="'grey' or 'bgr'"):
        Recognizer(detector=detector)


@pytest.mark.parametrize("thing", [None, 5, object(), ["face"]])
def test_what_is_no_detector_is_refused(thing: Any) -> None:
    with pytest.raises(ArgumentError, match="detect"):
        Recognizer(detector=thing)


def test_a_class_is_no_detector() -> None:
    with pytest.raises(ArgumentError, match="an object with a method detect"):
        Recognizer(detector=Mine)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "number",
    [0, -1, 100_000, True, "2", float("nan"), 2.0, None, [1], pytest.param(10**5000, id="huge")],
)
def test_an_absurd_number_is_refused(number: Any) -> None:
    for made in (Recognizer, EmotionClassifier, FaceDetector):
        with pytest.raises(ArgumentError, match="threads must be 1 or more") as caught:
            made(threads=number)
        assert isinstance(caught.value, ValueError)
        assert len(str(caught.value)) < 200
    with pytest.raises(ArgumentError, match="detection_side must be 32 or more"):
        Recognizer(detection_side=number)


def test_a_side_larger_than_the_detector_looks_at_is_refused() -> None:
    for side in (1281, 5000):
        with pytest.raises(ArgumentError, match=r"FaceDetector, detection_side .* at most 1280,"):
            Recognizer(detection_side=side)
    small = Mine([])
    small.largest_side = 160  # type: ignore[attr-defined]
    with pytest.raises(
        ArgumentError, match=r"with the detector Mine, detection_side .* 160, .* 320"
    ):
        Recognizer(detector=small)
    assert Recognizer(detector=Mine([]), detection_side=4096).detection_side == 4096
    numpys = Recognizer(detection_side=np.int64(640), threads=np.int32(2))  # type: ignore[arg-type]
    assert type(numpys.detection_side) is int


def test_a_detectors_class_is_told_apart_before_its_side() -> None:
    class Small(Mine):
        largest_side = 160

    with pytest.raises(ArgumentError, match="an object with a method detect"):
        Recognizer(detector=Small)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="an object with a method detect"):
        Recognizer(detector=None, detection_side=5000)  # type: ignore[arg-type]


SIDES = ["320", 0, 320.0, True, None, 99999]


@pytest.mark.parametrize("side", SIDES)
def test_a_detectors_least_side_is_checked(side: Any) -> None:
    detector = Mine([])
    detector.least_side = side  # type: ignore[attr-defined]
    with pytest.raises(ArgumentError, match="the detector's least_side must be 1 or more"):
        Recognizer(detector=detector)


@pytest.mark.parametrize("side", SIDES)
def test_a_detectors_largest_side_is_checked(side: Any) -> None:
    detector = Mine([])
    detector.largest_side = side  # type: ignore[attr-defined]
    with pytest.raises(ArgumentError, match="the detector's largest_side must be 1 or more"):
        Recognizer(detector=detector)


def test_an_interpreter_without_a_name_is_refused() -> None:
    with pytest.raises(ArgumentError, match="no interpreter is called ''"):
        Recognizer(interpreter="")
