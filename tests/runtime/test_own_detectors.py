"""Whatever a user's own detector gives is read as faces, or is an error that names it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fer_edge import (
    ArgumentError,
    Box,
    Detection,
    DetectionError,
    FerEdgeError,
    Frame,
    Recognizer,
)
from fer_edge.pictures.image import Image
from tests.runtime.own_detectors import SQUARE, Mine


def test_numpys_numbers_come_out_as_plain_floats(frame: Frame) -> None:
    numpys: list[Any] = [np.float32(100), np.int64(60), np.float64(80), 80]
    box = Box(*numpys)
    marks: Any = tuple((np.float32(120 + 5 * n), np.int16(90)) for n in range(5))
    score: Any = np.float32(0.5)
    recognizer = Recognizer(detector=Mine([Detection(box, box, score, marks)]))
    (face,) = recognizer(frame).faces
    numbers = [face.box.x, face.box.y, face.box.width, face.box.height, face.score]
    assert face.square is not None
    numbers += [face.square.x, face.square.width, *np.ravel(face.landmarks).tolist()]
    assert {type(number) for number in numbers} == {float}
    assert all(type(value) is float for point in face.landmarks for value in point)
    array: Any = np.array(marks, np.float32)
    plain = Detection(box, box, score, marks).landmarks
    assert Detection(box, box, score, array).landmarks == plain


NAN, INF = float("nan"), float("inf")
WRONG: dict[str, Any] = {
    "nothing": None,
    "a number": 5,
    "a dictionary": {"box": 1},
    "boxes": [SQUARE],
    "nan": [Detection(Box(NAN, 0, 10, 10), SQUARE, 0.9)],
    "nan in the square": [Detection(SQUARE, Box(0, NAN, 10, 10), 0.9)],
    "infinity": [Detection(SQUARE, Box(0, 0, INF, INF), 0.9)],
    "no width": [Detection(SQUARE, Box(0, 0, 0, 10), 0.9)],
    "a side that is too small": [Detection(SQUARE, Box(0, 0, 1e-200, 1e-200), 0.9)],
    "a side that is too large": [Detection(SQUARE, Box(0, 0, 1e200, 1e200), 0.9)],
    "a score of nan": [Detection(SQUARE, SQUARE, NAN)],
    "a score above one": [Detection(SQUARE, SQUARE, 1.5)],
    "a number that is too large": [Detection(Box(1e305, 0, 10, 10), SQUARE, 0.9)],
    "two landmarks": [Detection(SQUARE, SQUARE, 0.9, ((1.0, 2.0), (3.0, 4.0)))],
    "landmarks of nan": [Detection(SQUARE, SQUARE, 0.9, ((NAN, 1.0),) * 5)],
}
NOT_MADE: dict[str, Callable[[], object]] = {
    "a tuple as box": lambda: Detection((1, 2, 3, 4), SQUARE, 0.9),  # type: ignore[arg-type]
    "no square": lambda: Detection(SQUARE, None, 0.9),  # type: ignore[arg-type]
    "a score of True": lambda: Detection(SQUARE, SQUARE, True),
    "a string": lambda: Box("1", 0, 10, 10),  # type: ignore[arg-type]
    "an array": lambda: Detection(SQUARE, SQUARE, np.array([0.9, 0.8])),  # type: ignore[arg-type]
    "a complex number": lambda: Detection(SQUARE, SQUARE, 1j),  # type: ignore[arg-type]
    "a huge number": lambda: Box(10**400, 0, 10, 10),
    "flat landmarks": lambda: Detection(SQUARE, SQUARE, 0.9, (1.0,) * 5),  # type: ignore[arg-type]
    "a flat array": lambda: Detection(SQUARE, SQUARE, 0.9, np.ones(10)),  # type: ignore[arg-type]
    "dates": lambda: Detection(SQUARE, SQUARE, 0.9, np.ones((5, 2), "M8[s]")),  # type: ignore[arg-type]
    "the class of arrays": lambda: Detection(SQUARE, SQUARE, 0.9, np.ndarray),  # type: ignore[arg-type]
    "landmarks of text": lambda: Detection(SQUARE, SQUARE, 0.9, "ab"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("wrong", NOT_MADE)
def test_fields_of_other_types_are_refused_where_they_are_given(wrong: str) -> None:
    with pytest.raises(ArgumentError):
        NOT_MADE[wrong]()


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_no_detection_is_an_error_that_names_the_detector(
    recognizer: Recognizer, frame: Frame, wrong: str
) -> None:
    with pytest.raises(DetectionError, match="the detector Mine must give") as caught:
        Recognizer(detector=Mine(WRONG[wrong]))(frame)
    assert isinstance(caught.value, FerEdgeError)
    assert isinstance(caught.value, ValueError)
    with pytest.raises(DetectionError):
        recognizer.read(frame, WRONG[wrong])
    with pytest.raises(DetectionError):
        recognizer.classifier.read(frame.image, WRONG[wrong])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-1e100, 1e100), min_size=2, max_size=2), st.floats(1e-100, 1e100))
def test_a_face_of_any_size_and_place_is_read_or_left_out(
    recognizer: Recognizer, corner: list[float], side: float
) -> None:
    picture = np.full((48, 64), 99, np.uint8)
    box = Box(corner[0], corner[1], side, side)
    marks = ((10.0, 10.0), (20.0, 15.0), (15.0, 18.0), (11.0, 22.0), (18.0, 25.0))
    for landmarks in ((), marks):
        detector = Mine([Detection(box, box, 0.9, landmarks)])
        mine = Recognizer.__new__(Recognizer)
        mine.__dict__.update(recognizer.__dict__, detector=detector, _wants_grey=False)
        assert len(mine(picture).faces) in (0, 1)


def test_a_detector_may_ask_the_recognizer_that_it_serves(frame: Frame) -> None:
    other = Recognizer()

    class Careful(Mine):
        def detect(self, image: Image) -> Any:
            return other.detect(image)

    asking = Recognizer(detector=Careful([]))
    assert len(asking(frame).faces) == 1
