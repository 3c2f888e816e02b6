"""Whatever is passed to what `fer_edge` exports: it works, or raises a FerEdgeError of one line.

Each case is a call with right arguments, of which one or two are replaced by hostile ones. What
comes out is used as well, since a value that is taken and fails later is no better.
"""

from __future__ import annotations

import inspect
import json
import os
import tempfile
import typing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import fer_edge
from fer_edge.cameras.byte_stream import ByteStream
from fer_edge.cameras.picamera import PiCamera
from fer_edge.cameras.pictures import Pictures
from fer_edge.cameras.request import Request
from fer_edge.cameras.sample import PORTRAIT_FILE, Sample
from fer_edge.cameras.url_stream import UrlStream
from fer_edge.cameras.video import Video
from fer_edge.cameras.webcam import Webcam
from fer_edge.detectors import FaceDetector, YuNetDetector
from fer_edge.detectors.checked import checked_detections
from fer_edge.models import find_model
from fer_edge.models.file import read_model
from fer_edge.pictures.picture_file import read_picture
from fer_edge.pictures.picture_output import write_picture

Call = Callable[..., object]
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


class Theirs:
    """A detector of a user's, that gives what it was told to."""

    def __init__(self, found: Any) -> None:
        self.found = found

    def detect(self, _: object) -> Any:
        return self.found


def box(**fields: Any) -> None:
    made = fer_edge.Box(**fields)
    made.scaled(2.0, 2.0), made.moved(1.0, 1.0), made.square(1.0), made.iou(made), BOX.iou(made)
    hash(made), repr(made)
    RECOGNIZER.detect(PICTURE, within=made)


def detection(**fields: Any) -> None:
    made = fer_edge.Detection(**fields)
    made.scaled(2.0, 2.0), made.moved(1.0, 1.0), repr(made)
    assert isinstance(made.roll, float)
    CLASSIFIER.read(PICTURE, [made])
    theirs = fer_edge.Recognizer.__new__(fer_edge.Recognizer)
    vars(theirs).update(vars(RECOGNIZER), detector=Theirs([made]), _wants_grey=False)
    theirs(PICTURE)


def face(**fields: Any) -> None:
    made = fer_edge.Face(**fields)
    assert isinstance(made.roll, float)
    reading(frame=0, timestamp=0.0, faces=(made,), detection_seconds=0, classification_seconds=0)


def emotion(**fields: Any) -> None:
    made = fer_edge.Emotion(**fields)
    assert made.is_sure in (True, False)
    face(box=BOX, score=0.5, emotion=made)


def reading(**fields: Any) -> None:
    made = fer_edge.Reading(**fields)
    json.dumps(made.to_json(), allow_nan=False)
    fer_edge.annotate(PICTURE, made)


def frame(**fields: Any) -> None:
    made = fer_edge.Frame(**fields)
    assert made.age is None or isinstance(made.age, float)
    RECOGNIZER(made)


def frame_of(picture: Any, **fields: Any) -> None:
    RECOGNIZER(fer_edge.Frame.of(picture, **fields))


def recognizer(**fields: Any) -> None:
    fer_edge.Recognizer(**fields)(PICTURE)


def recognizer_detect(**fields: Any) -> None:
    RECOGNIZER.detect(**fields)


def recognizer_read(**fields: Any) -> None:
    RECOGNIZER.read(**fields)


def classifier(**fields: Any) -> None:
    fer_edge.EmotionClassifier(**fields).read(PICTURE, [DETECTION])


def detector(**fields: Any) -> None:
    fer_edge.open_detector(**fields).detect(PICTURE)


def face_detector(**fields: Any) -> None:
    FaceDetector(**fields).detect(PICTURE)


def yunet(**fields: Any) -> None:
    YuNetDetector(**fields).detect(PICTURE)


def written(path: Any, **fields: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        inside = isinstance(path, str | Path)
        write_picture(os.path.join(folder, path) if inside else path, **fields)


def made_for(found: Any) -> None:
    checked_detections(found, "a test")


def cameras(kind: type[fer_edge.Camera]) -> Call:
    def opened(*given: Any, **named: Any) -> None:
        with kind(*given, **named) as camera:
            next(camera, None)

    return opened


def failing(call: Call) -> Call:
    """For what is not there on any machine that runs tests: a FerEdgeError is the right answer."""

    def called(**fields: Any) -> None:
        with pytest.raises(fer_edge.FerEdgeError):
            call(**fields)

    return called


def camera(source: Any, **fields: Any) -> None:
    with fer_edge.open_camera(source, **fields) as opened:
        next(opened, None)


def tracker(**fields: Any) -> None:
    live = fer_edge.Tracker(**fields)
    for _ in range(2):
        live(PICTURE)
    live.end()


def stream(source: Any, **fields: Any) -> None:
    made = fer_edge.Stream(source, **fields)
    try:
        readings = iter(made)
        for _ in range(2):
            readings.get(0.5)
    finally:
        made.close()


def consumers(label: Any, kind: Any, max_age: Any, **hold: Any) -> None:
    with fer_edge.Stream([PICTURE], RECOGNIZER) as made:
        made.when(label, **hold)(print)
        made.on(kind)(print)
        made.events(kind).close()
        made.latest(max_age)


RECOGNIZER: Any = fer_edge.Recognizer()
CLASSIFIER = fer_edge.EmotionClassifier()
DETECTOR = FaceDetector()
OF_READINGS = {"frame": 0, "timestamp": 0.0, "faces": (FACE,)}
SECONDS = {"detection_seconds": 0.001, "classification_seconds": 0.001}
TRUST = {"trust_unknown": False}
LOADED = {"threads": 1, "interpreter": None}
REQUEST = {"size": None, "fps": None, "rotate": 0, "mirror": False, "realtime": False}
TIMEOUTS = {"open_timeout": 0.2, "frame_timeout": 0.2}
REQUESTED = Request(open_timeout=0.2, frame_timeout=0.2)
FOLLOWED = {
    "smoothing": None,
    "lost_after": 1.5,
    "detect_every": 0.2,
    "read_every": 0.0,
    "budget": None,
    "hfov": None,
}
IN_DETAIL = {"x": 1.0, "y": 1.0, "width": 9.0, "height": 9.0}
CASES: dict[str, tuple[Call, dict[str, Any]]] = {
    "Box": (box, IN_DETAIL),
    "Box.scaled": (BOX.scaled, {"horizontally": 2.0, "vertically": 2.0}),
    "Box.moved": (BOX.moved, {"right": 2.0, "down": 2.0}),
    "Box.iou": (BOX.iou, {"other": BOX}),
    "Box.square": (BOX.square, {"side": 1.0, "right": 0.0, "down": 0.0}),
    "Detection": (
        detection,
        {"box": BOX, "square": BOX, "score": 0.9, "landmarks": POINTS},
    ),
    "Detection.scaled": (DETECTION.scaled, {"horizontally": 2.0, "vertically": 2.0}),
    "Detection.moved": (DETECTION.moved, {"right": 2.0, "down": 2.0}),
    "Emotion": (emotion, {"label": "sad", "probability": 1.0, "probabilities": {"sad": 1.0}}),
    "EmotionClassifier": (classifier, {"model": "edge", **LOADED}),
    "EmotionClassifier.read": (CLASSIFIER.read, {"image": PICTURE, "faces": [DETECTION]}),
    "EmotionClassifier.probabilities": (
        CLASSIFIER.probabilities,
        {"batch": np.zeros((1, 48, 48, 1), np.uint8)},
    ),
    "Face": (
        face,
        {"box": BOX, "score": 0.9, "emotion": EMOTION, "landmarks": POINTS, "square": BOX},
    ),
    "Frame": (
        frame,
        {
            "image": PICTURE,
            "timestamp": 0.0,
            "index": 0,
            "luma": None,
            "source": "",
            "clock": "monotonic",
            "moment": "arrival",
            "mirrored": False,
        },
    ),
    "Frame.of": (
        frame_of,
        {
            "picture": PICTURE,
            "encoding": "bgr8",
            "timestamp": 1.0,
            "clock": "external",
            "index": 0,
            "width": None,
            "height": None,
            "stride": None,
            "moment": None,
            "source": "",
            "mirrored": True,
            "copy": False,
        },
    ),
    "Reading": (
        reading,
        {
            **OF_READINGS,
            **SECONDS,
            "clock": "recording",
            "source": "",
            "size": (80, 80),
            "wall_time": 0.0,
        },
    ),
    "Recognizer": (
        recognizer,
        {"model": "nano", "detector": "face-detector", "detection_side": 80, **LOADED, **TRUST},
    ),
    "Recognizer()": (RECOGNIZER, {"frame": PICTURE}),
    "Recognizer.detect": (recognizer_detect, {"frame": PICTURE, "within": None}),
    "Recognizer.read": (recognizer_read, {"frame": PICTURE, "detections": (DETECTION,)}),
    "Retry": (
        fer_edge.Retry,
        {"initial": 0.5, "maximum": 1.0, "attempts": 1, "at_start": False},
    ),
    "Smoothing": (
        fer_edge.Smoothing,
        {"time_constant": 0.1, "hysteresis": 0.2, "confirm": 0.1, "min_duration": 0.4},
    ),
    "Stream": (
        stream,
        {
            "source": "sample",
            "recognizer": RECOGNIZER,
            "name": "door",
            **REQUEST,
            **TIMEOUTS,
            "retry": None,
            **FOLLOWED,
        },
    ),
    "Stream.when": (
        consumers,
        {
            "label": "happy",
            "kind": "appear",
            "max_age": 1.0,
            "hold_time": 0.5,
            "once_per_track": True,
        },
    ),
    "Tracker": (tracker, {"recognizer": RECOGNIZER, **FOLLOWED}),
    "annotate": (fer_edge.annotate, {"image": PICTURE, "reading": READING}),
    "open_camera": (camera, {"source": "sample", **REQUEST, **TIMEOUTS}),
    "open_detector": (detector, {"name": "face-detector", **LOADED, **TRUST}),
    "read_picture": (read_picture, {"path": PORTRAIT_FILE, "max_pixels": 10**6}),
    "open_detector().detect": (DETECTOR.detect, {"image": PICTURE}),
    "open_detector().search": (DETECTOR.search, {"image": PICTURE, "score_threshold": 0.5}),
    "checked_detections": (made_for, {"found": [DETECTION]}),
    "write_picture": (written, {"path": Path("a.png"), "image": PICTURE, "overwrite": False}),
    "find_model": (find_model, {"name": "edge"}),
    "read_model": (read_model, {"path": find_model("edge")}),
    "Request": (Request, {**REQUEST, **TIMEOUTS}),
    "Sample": (cameras(Sample), {"request": REQUESTED}),
    "Pictures": (
        cameras(Pictures),
        {"paths": [PORTRAIT_FILE], "folder": None, "request": REQUESTED},
    ),
    "Video": (failing(cameras(Video)), {"path": PORTRAIT_FILE, "request": REQUESTED}),
    "Webcam": (failing(cameras(Webcam)), {"device": Path("/dev/null"), "request": REQUESTED}),
    "PiCamera": (failing(cameras(PiCamera)), {"number": 200, "request": REQUESTED}),
    "ByteStream": (failing(cameras(ByteStream)), {"path": PORTRAIT_FILE, "request": REQUESTED}),
    "UrlStream": (
        failing(cameras(UrlStream)),
        {"url": "http://127.0.0.1:9/", "request": REQUESTED},
    ),
    "YuNetDetector": (failing(yunet), {"model": PORTRAIT_FILE, "trust_unknown": False}),
    "FaceDetector": (face_detector, {"model": "face-detector", **LOADED}),
}
"""By the name of what is called."""
NOT_CALLED = {"Camera", "Detector", "__version__"}
"""What others make subclasses of, and what is no function."""
GIVEN = {"Event", "LiveFace", "LiveReading", "Stats", "Work"}
"""What a stream makes."""
ERRORS = [error for error in vars(fer_edge).values() if isinstance(error, type)]
ERRORS = [error for error in ERRORS if issubclass(error, fer_edge.FerEdgeError)]


def test_every_name_has_its_case() -> None:
    called = {name.split(".")[0].removesuffix("()") for name in CASES}
    known = called | NOT_CALLED | GIVEN | {error.__name__ for error in ERRORS}
    assert set(fer_edge.__all__) <= known


def _parts(annotation: Any) -> Iterator[type]:
    """The classes in an annotation."""
    for part in typing.get_args(annotation):
        yield from _parts(part)
    one = typing.get_origin(annotation) or annotation
    if isinstance(one, type):
        yield one


def _given_by(kind: type) -> Iterator[type]:
    """The classes that a class's public methods and properties give, as they are annotated."""
    for name in dir(kind):
        member = inspect.getattr_static(kind, name)
        if not name.startswith("_") or name == "__call__":
            yield from _parts(typing.get_type_hints(getattr(member, "fget", member)).get("return"))


@pytest.mark.parametrize("kind", [fer_edge.Stream, fer_edge.Tracker])
def test_what_the_live_layer_gives_has_a_name_to_annotate_it_with(kind: type) -> None:
    ours = {one for one in _given_by(kind) if one.__module__.startswith("fer_edge.")}
    assert fer_edge.Work in ours
    # A reader is an iterator; fer_edge.live exports its class.
    assert {one.__name__ for one in ours} - {"Reader"} <= set(fer_edge.__all__)


@pytest.mark.parametrize("name", CASES)
def test_the_right_arguments_work(name: str) -> None:
    call, right = CASES[name]
    call(**right)


@pytest.mark.parametrize("name", CASES)
@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.differing_executors],
)
@given(data=st.data())
def test_hostile_arguments_are_refused_by_name(name: str, data: st.DataObject) -> None:
    call, right = CASES[name]
    replaced = data.draw(st.sets(st.sampled_from(sorted(right)), min_size=1, max_size=2))
    given_arguments = {**right, **{key: data.draw(HOSTILE, label=key) for key in replaced}}
    try:
        call(**given_arguments)
    except fer_edge.FerEdgeError as error:
        text = str(error)
        assert text.strip()
        assert len(text.splitlines()) == 1
        assert len(text) < 20_000


@pytest.mark.parametrize("call", [recognizer, classifier, detector])
def test_threads_that_no_machine_has_are_refused(call: Call) -> None:
    with pytest.raises(fer_edge.FerEdgeError):
        call(threads=100_000)


@pytest.mark.parametrize("kind", ERRORS)
@given(arguments=st.lists(HOSTILE, max_size=3))
def test_errors_can_always_be_shown(kind: type[Exception], arguments: list[object]) -> None:
    assert len(str(kind(*arguments)).splitlines()) <= 1
