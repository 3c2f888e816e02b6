"""Calls of what `fer_edge` exports, which also use what comes out: it must not fail later."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import fer_edge
from fer_edge.detectors import FaceDetector, YuNetDetector
from fer_edge.detectors.checked import checked_detections
from fer_edge.pictures.picture_output import write_picture
from tests.runtime.hostile import BOX, DETECTION, PICTURE

Call = Callable[..., object]


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
