"""Detection and reading apart, windows, detectors of the user's, and threads that share."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fer_edge import (
    ArgumentError,
    BackendMissingError,
    Box,
    Detection,
    DetectionError,
    EmotionClassifier,
    FerEdgeError,
    Frame,
    Recognizer,
    open_camera,
    open_detector,
)
from fer_edge.detectors import FaceDetector
from fer_edge.pictures.image import Image, grey
from fer_edge.pictures.picture_file import read_picture

YUNET = "models/face_detection_yunet_2023mar.onnx"
SQUARE = Box(100.0, 60.0, 80.0, 80.0)


class Mine:
    """A detector of a user's that gives what it is told to, and keeps what it was shown."""

    def __init__(self, found: Any) -> None:
        self.found = found
        self.shown: list[Image] = []

    def detect(self, image: Image) -> Any:
        self.shown.append(image)
        return self.found


class MineOfGrey(Mine):
    colour = "grey"


def around(face: Box, times: float = 2.0) -> Box:
    return face.square(times)


def test_calling_is_detecting_and_reading(recognizer: Recognizer, frame: Frame) -> None:
    detections = recognizer.detect(frame)
    faces = recognizer.read(frame, detections)
    assert faces == recognizer(frame).faces
    assert len(faces) == 1
    for face, detection in zip(faces, detections, strict=True):
        assert (face.box, face.square, face.score) == (
            detection.box,
            detection.square,
            detection.score,
        )
        assert face.landmarks == detection.landmarks
        assert face.roll == detection.roll
    assert recognizer.read(frame, ()) == ()


def test_reading_follows_the_order_of_the_detections(recognizer: Recognizer, frame: Frame) -> None:
    (face,) = recognizer.detect(frame)
    elsewhere = dataclasses.replace(face.moved(-60, 90), landmarks=())
    one, other = recognizer.read(frame, [elsewhere, face])
    assert (one.box, other.box) == (elsewhere.box, face.box)
    assert other.emotion.label == "happy"


@pytest.mark.parametrize("times", [0.25, 0.4, 1.0, 2.5])
def test_a_window_finds_its_face_at_any_distance(
    recognizer: Recognizer, portrait: Path, times: float
) -> None:
    way = cv2.INTER_AREA if times < 1 else cv2.INTER_LINEAR
    scaled = cv2.resize(read_picture(portrait), None, fx=times, fy=times, interpolation=way)
    bordered = cv2.copyMakeBorder(scaled, 90, 0, 130, 40, cv2.BORDER_CONSTANT)
    picture = np.asarray(bordered, np.uint8)
    (whole,) = Recognizer(detection_side=640).detect(picture)
    for right, down in ((0, 0), (0.2, 0), (-0.1, 0.2)):
        side = whole.box.width
        window = around(whole.box).moved(right * side, down * side)
        (found,) = recognizer.detect(picture, within=window)
        assert found.box.iou(whole.box) > 0.7
        assert np.abs(np.array(found.landmarks) - whole.landmarks).max() < 0.15 * side


def test_a_window_sees_nothing_else(recognizer: Recognizer, frame: Frame) -> None:
    (face,) = recognizer.detect(frame)
    assert recognizer.detect(frame, within=Box(0, 300, 150, 150)) == ()
    assert recognizer.detect(frame, within=Box(-500, -500, 100, 100)) == ()
    assert recognizer.detect(frame, within=Box(1e12, 0, 100, 100)) == ()
    (inside,) = recognizer.detect(frame, within=Box(-1e9, -1e9, 2e9, 2e9))
    assert inside.box.iou(face.box) > 0.6


def test_windows_are_read_by_one_interpreter(frame: Frame) -> None:
    recognizer = Recognizer()
    sizes = []
    recognizer.detector = Mine([])
    for side in (3, 40, 96, 150, 333, 400):
        recognizer.detect(frame, within=Box(10, 10, side, side))
        sizes.append(recognizer.detector.shown[-1].shape[:2])
    assert set(sizes) == {(96, 96)}


@pytest.mark.parametrize(
    "within",
    [
        Box(0, 0, 0, 5),
        Box(0, 0, 5, -1),
        Box(float("nan"), 0, 5, 5),
        Box(0, 0, float("inf"), 5),
        (0, 0, 5, 5),
        "face",
    ],
)
def test_what_is_no_window_is_refused(recognizer: Recognizer, frame: Frame, within: Any) -> None:
    with pytest.raises(ArgumentError, match="within must be"):
        recognizer.detect(frame, within=within)


def test_a_detector_gets_the_colours_that_it_asks_for(frame: Frame) -> None:
    colour, luma = Mine([]), MineOfGrey([])
    dark = dataclasses.replace(frame, luma=np.zeros((240, 320), np.uint8))
    for detector in (colour, luma):
        recognizer = Recognizer(detector=detector)
        for picture in (frame, grey(frame.image), dark):
            recognizer.detect(picture)
            recognizer.detect(picture, within=SQUARE)
    assert {image.shape[2:] for image in colour.shown} == {(3,)}
    assert {image.shape[2:] for image in luma.shown} == {()}
    assert not luma.shown[-2].any()
    assert colour.shown[-2].any()
    assert (open_detector().colour, FaceDetector.colour) == ("grey", "grey")  # type: ignore[attr-defined]


def test_yunet_asks_for_colours(shared: Callable[[str], Path], frame: Frame) -> None:
    recognizer = Recognizer(detector=shared(YUNET))
    assert recognizer.detector.colour == "bgr"  # type: ignore[attr-defined]
    (face,) = recognizer(frame).faces
    (inside,) = recognizer.detect(frame, within=around(face.box))
    assert inside.box.iou(face.box) > 0.7


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


def test_the_cameras_luma_is_used_only_where_it_is_large_enough(frame: Frame) -> None:
    blind = dataclasses.replace(frame, luma=np.zeros((240, 320), np.uint8))
    assert Recognizer(detection_side=320).detect(blind) == ()
    assert len(Recognizer(detection_side=640).detect(blind)) == 1
    assert len(Recognizer(detection_side=321).detect(blind)) == 1
    image = np.ascontiguousarray(frame.image[::2, ::2])
    small = dataclasses.replace(frame, image=image, luma=np.zeros_like(image[..., 0]))
    # As large as the image itself is enough, since that is never enlarged.
    assert Recognizer(detection_side=640).detect(small) == ()


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
    "landmarks of text": lambda: Detection(SQUARE, SQUARE, 0.9, "ab"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("wrong", NOT_MADE)
def test_fields_of_other_types_are_refused_where_they_are_given(wrong: str) -> None:
    with pytest.raises(ArgumentError):
        NOT_MADE[wrong]()


def test_a_class_is_no_detector() -> None:
    with pytest.raises(ArgumentError, match="an object with a method detect"):
        Recognizer(detector=Mine)  # type: ignore[arg-type]


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
    with pytest.raises(ArgumentError, match="detection_side must be 1 or more"):
        Recognizer(detection_side=number)


def test_a_side_larger_than_the_detector_looks_at_is_refused() -> None:
    with pytest.raises(ArgumentError, match="at most 1280"):
        Recognizer(detection_side=1281)
    assert Recognizer(detector=Mine([]), detection_side=4096).detection_side == 4096
    numpys = Recognizer(detection_side=np.int64(640), threads=np.int32(2))  # type: ignore[arg-type]
    assert type(numpys.detection_side) is int


@pytest.mark.parametrize("side", ["320", 0, 320.0, True, None, 99999])
def test_a_detectors_largest_side_is_checked(side: Any) -> None:
    detector = Mine([])
    detector.largest_side = side  # type: ignore[attr-defined]
    with pytest.raises(ArgumentError, match="the detector's largest_side must be 1 or more"):
        Recognizer(detector=detector)


def test_an_interpreter_without_a_name_is_refused() -> None:
    with pytest.raises(BackendMissingError, match="no interpreter is called ''"):
        Recognizer(interpreter="")


def test_threads_that_share_a_recognizer_get_right_answers(
    recognizer: Recognizer, portrait: Path
) -> None:
    picture = read_picture(portrait)
    pictures: list[Image] = [
        picture,
        np.ascontiguousarray(picture[:400, 100:500]),
        np.asarray(cv2.resize(picture, (200, 200), interpolation=cv2.INTER_AREA), np.uint8),
        np.hstack([picture, picture[:, ::-1]]),
        np.zeros((100, 100), np.uint8),
    ]
    shared = Recognizer()
    expected = [shared(one).faces for one in pictures]
    assert [len(faces) for faces in expected] == [1, 1, 1, 2, 0]
    jobs = [number % len(pictures) for number in range(120)]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda job: shared(pictures[job]).faces, jobs))
    assert answers == [expected[job] for job in jobs]


def test_threads_that_share_a_detector_or_a_classifier_get_right_answers(
    portrait: Path, frame: Frame
) -> None:
    face, classifier = FaceDetector(), EmotionClassifier()
    image = grey(read_picture(portrait))
    sizes = [np.ascontiguousarray(image[:side]) for side in (512, 400, 330, 250, 200)]
    expected = [face.detect(one) for one in sizes]
    batches = [expected[0] * (1 + number) for number in range(5)]
    emotions = [classifier.read(image, batch) for batch in batches]

    def both(number: int) -> bool:
        place = number % 5
        found = face.detect(sizes[place]) == expected[place]
        return found and classifier.read(image, batches[place]) == emotions[place]

    with ThreadPoolExecutor(5) as pool:
        assert all(pool.map(both, range(100)))


def test_a_detector_may_ask_the_recognizer_that_it_serves(frame: Frame) -> None:
    other = Recognizer()

    class Careful(Mine):
        def detect(self, image: Image) -> Any:
            return other.detect(image)

    asking = Recognizer(detector=Careful([]))
    assert len(asking(frame).faces) == 1


def test_windows_follow_a_face_through_a_clip(shared: Callable[[str], Path]) -> None:
    recognizer = Recognizer()
    met = whole = 0
    with open_camera(shared("clips/asl_book.mkv")) as camera:
        for frame in camera:
            for face in recognizer.detect(frame):
                whole += 1
                inside = recognizer.detect(frame, within=around(face.box))
                met += any(one.box.iou(face.box) > 0.5 for one in inside)
    assert whole > 50
    assert met >= 0.98 * whole
