"""The whole path on real pictures."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as nps

from fer_edge import (
    Box,
    Emotion,
    Face,
    Frame,
    PictureError,
    Reading,
    Recognizer,
    annotate,
    open_camera,
)
from fer_edge.command.picture_lines import picture_lines
from fer_edge.pictures.picture_file import read_picture


def test_the_portrait_is_found_and_read_as_happy(recognizer: Recognizer, frame: Frame) -> None:
    reading = recognizer(frame)
    assert reading.frame == 0
    assert reading.timestamp == frame.timestamp
    (face,) = reading.faces
    assert face.emotion.label == "happy"
    assert face.emotion.probability > 0.6
    assert 170 < face.box.x < 200
    assert 200 < face.box.width < 260
    assert reading.detection_seconds > 0
    assert reading.classification_seconds > 0


def test_a_grey_picture_reads_alike(recognizer: Recognizer, frame: Frame) -> None:
    grey = np.asarray(cv2.cvtColor(frame.image, cv2.COLOR_BGR2GRAY), np.uint8)
    for picture in (grey, grey[..., np.newaxis]):
        (face,) = recognizer(picture).faces
        assert face.emotion.label == "happy"


def with_luma(frame: Frame) -> Frame:
    """The frame as a camera gives it that makes a small grey copy."""
    small = cv2.resize(frame.image, (320, 240), interpolation=cv2.INTER_AREA)
    luma = np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.uint8)
    return dataclasses.replace(frame, luma=luma)


def test_the_cameras_own_luma_is_what_faces_are_looked_for_in(
    recognizer: Recognizer, frame: Frame
) -> None:
    (face,) = recognizer(with_luma(frame)).faces
    (without,) = recognizer(frame).faces
    assert abs(face.box.x - without.box.x) < 10
    nothing = dataclasses.replace(frame, luma=np.zeros((240, 320), np.uint8))
    assert recognizer(nothing).faces == ()


def test_emotions_are_read_in_the_large_picture_and_not_in_the_cameras_luma(
    recognizer: Recognizer, frame: Frame
) -> None:
    both = with_luma(frame)
    assert recognizer(both).faces == recognizer.read(frame.image, recognizer.detect(both))


def test_several_faces_come_largest_first(recognizer: Recognizer, portrait: Path) -> None:
    picture = read_picture(portrait)
    half = cv2.resize(picture, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)
    group = np.zeros((512, 820, 3), np.uint8)
    group[:307, :307], group[:, 308:] = half, picture
    faces = Recognizer(detection_side=820)(group).faces
    assert len(faces) == 2
    assert faces[0].box.width > faces[1].box.width
    assert faces[0].box.x > faces[1].box.x
    assert {face.emotion.label for face in faces} == {"happy"}


def test_no_face_in_the_clip_without_one(
    recognizer: Recognizer, shared: Callable[[str], Path]
) -> None:
    with open_camera(shared("clips/no_face.mp4")) as camera:
        found = [len(recognizer(frame).faces) for frame in camera if frame.index % 4 == 0]
    assert len(found) > 10
    assert not any(found)


def test_the_face_of_a_real_clip_is_read(
    recognizer: Recognizer, shared: Callable[[str], Path]
) -> None:
    with open_camera(shared("clips/single_face.mp4")) as camera:
        readings = [recognizer(frame) for frame in camera if frame.index % 6 == 0]
    assert len(readings) > 10
    assert all(len(reading.faces) == 1 for reading in readings)
    labels = {reading.faces[0].emotion.label for reading in readings}
    assert labels <= {"happy", "neutral", "surprise"}


def test_an_annotated_picture_is_a_marked_copy(recognizer: Recognizer, frame: Frame) -> None:
    before = frame.image.copy()
    reading = recognizer(frame)
    marked = annotate(frame.image, reading)
    assert (frame.image == before).all()
    assert marked.shape == before.shape
    assert 0.001 < (marked != before).any(axis=2).mean() < 0.2
    assert annotate(before[..., 0], reading).shape == before.shape


def test_sizes_and_threads_below_one_are_refused() -> None:
    with pytest.raises(ValueError, match="detection_side must be 32 or more"):
        Recognizer(detection_side=0)
    with pytest.raises(ValueError, match="threads must be 1 or more"):
        Recognizer(threads=0)


@pytest.mark.parametrize("thing", ["picture.jpg", np.zeros((4, 4), np.float32), None])
def test_what_is_no_picture_is_a_picture_error(recognizer: Recognizer, thing: object) -> None:
    with pytest.raises(PictureError):
        recognizer(thing)  # type: ignore[arg-type]


@settings(max_examples=40, deadline=None)
@given(
    nps.arrays(
        st.sampled_from([np.uint8, np.int16, np.float32]),
        nps.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=64),
    )
)
def test_any_array_gives_a_reading_or_a_picture_error(
    recognizer: Recognizer, array: np.ndarray
) -> None:
    is_picture = (
        array.dtype == np.uint8
        and array.size > 0
        and (array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (1, 3)))
    )
    if is_picture:
        assert isinstance(recognizer(array), Reading)
        return
    with pytest.raises(PictureError):
        recognizer(array)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_damaged_picture_file_is_read_or_a_picture_error(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory, portrait: Path
) -> None:
    damaged = bytearray(portrait.read_bytes())
    del damaged[data.draw(st.integers(0, len(damaged))) :]
    for _ in range(data.draw(st.integers(0, 5))):
        if damaged:
            damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("damaged") / "picture.jpg"
    path.write_bytes(bytes(damaged))
    try:
        assert read_picture(path).dtype == np.uint8
    except PictureError as error:
        assert str(path) in str(error)


def test_an_unsure_emotion_says_so() -> None:
    sure = Emotion("happy", 0.51, {"happy": 0.51, "sad": 0.3, "fear": 0.19})
    unsure = Emotion("happy", 0.45, {"happy": 0.45, "sad": 0.35, "fear": 0.2})
    assert sure.is_sure
    assert not unsure.is_sure
    box = Box(1, 2, 30, 40)
    reading = Reading(0, 5.0, (Face(box, 0.9, sure), Face(box, 0.9, unsure)), 0.01, 0.001)
    first, second = picture_lines("a.jpg", reading)
    assert first == "a.jpg: face of 30 px at 1,2: happy 51%, sad 30%, fear 19%"
    assert second == "a.jpg: face of 30 px at 1,2: happy? 45%, sad 35%, fear 20%"
