"""Detection and reading work apart, and threads can share a recognizer and its parts."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np

from fer_edge import (
    EmotionClassifier,
    Frame,
    Recognizer,
)
from fer_edge.detectors import FaceDetector
from fer_edge.pictures.image import Image, grey
from fer_edge.pictures.picture_file import read_picture


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
