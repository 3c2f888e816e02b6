"""Faces are found, by each detector, in real pictures and videos, and nowhere else."""

from __future__ import annotations

import errno
import os
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from fer_edge import (
    ArgumentError,
    Detector,
    EmotionClassifier,
    ModelError,
    ModelFileError,
    open_camera,
    open_detector,
)
from fer_edge.cameras.sample import FACE_BOX
from fer_edge.detectors import FaceDetector
from fer_edge.detectors.shrink import shrink
from fer_edge.models import DETECTOR_NAMES, find_model
from fer_edge.pictures.picture_file import read_picture
from fer_edge.tflite_backend import INTERPRETER_VARIABLE

YUNET = "models/face_detection_yunet_2023mar.onnx"
FACE_LEAVES = 72
"""The frame of face_noface.mov from which on nobody is to be seen."""


@pytest.fixture(scope="module", params=DETECTOR_NAMES)
def face(request: pytest.FixtureRequest) -> FaceDetector:
    return FaceDetector(request.param)


@pytest.fixture(params=[*DETECTOR_NAMES, "yunet"])
def detector(request: pytest.FixtureRequest, shared: Callable[[str], Path]) -> Detector:
    return open_detector(shared(YUNET) if request.param == "yunet" else request.param)


def test_the_portraits_face_is_found_and_framed(detector: Detector, portrait: Path) -> None:
    for image in (read_picture(portrait), read_picture(portrait)[..., 1].copy()):
        found = list(detector.detect(shrink(image, 320)))
        assert len(found) == 1
        here = found[0].scaled(image.shape[1] / 320, image.shape[0] / 320)
        assert here.square.iou(FACE_BOX) > 0.7
        assert 0.5 <= here.score <= 1
        right_eye, left_eye, nose, right_mouth, left_mouth = here.landmarks
        assert right_eye[0] < nose[0] < left_eye[0]
        assert max(right_eye[1], left_eye[1]) < nose[1] < min(right_mouth[1], left_mouth[1])
        assert abs(here.roll) < 15


@pytest.mark.parametrize("roll", [-30, -15, 15, 30])
def test_a_leaning_head_tells_how_far_it_leans(
    face: FaceDetector, portrait: Path, roll: int
) -> None:
    small = shrink(read_picture(portrait), 320)
    straight = face.detect(small)[0].roll
    middle = (small.shape[1] / 2, small.shape[0] / 3)
    turn = cv2.getRotationMatrix2D(middle, -roll, 1.0)
    leaning = np.asarray(cv2.warpAffine(small, turn, small.shape[1::-1]), np.uint8)
    (found,) = face.detect(leaning)
    assert found.roll - straight == pytest.approx(roll, abs=10)


@pytest.mark.parametrize("shade", [0, 1, 127, 128, 254, 255])
def test_nothing_is_found_in_a_plain_picture(detector: Detector, shade: int) -> None:
    assert list(detector.detect(np.full((240, 320), shade, np.uint8))) == []


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1, 3), (7, 7), (16, 900), (3, 3, 3)])
def test_slivers_are_no_faces(detector: Detector, shape: tuple[int, ...]) -> None:
    assert list(detector.detect(np.zeros(shape, np.uint8))) == []


def test_whatever_is_found_is_finite_and_scored(face: FaceDetector, portrait: Path) -> None:
    whole, random = read_picture(portrait), np.random.default_rng(1)
    found = 0
    for number in range(40):
        noise = random.integers(0, 256, (*random.integers(120, 300, 2), 3), dtype=np.uint8)
        shown = shrink(whole, int(random.integers(60, 120)))
        top, left = (
            int(random.integers(room + 1)) for room in np.subtract(noise.shape, shown.shape)[:2]
        )
        noise[top : top + shown.shape[0], left : left + shown.shape[1]] = shown
        for one in face.detect(noise if number % 2 else noise[:, :, 1]):
            numbers = [one.box.x, one.box.y, one.box.width, one.box.height, one.roll]
            assert np.isfinite([*numbers, *np.ravel(one.landmarks)]).all()
            assert one.box.width > 0
            assert one.box.height > 0
            assert face.card.score_threshold <= one.score <= 1
            found += 1
    assert found >= 10


def test_a_read_only_or_strided_picture_is_fine(detector: Detector, portrait: Path) -> None:
    image = shrink(read_picture(portrait), 320)
    image.setflags(write=False)
    wide = np.repeat(image, 2, axis=1)[:, ::2]
    upside_down = np.flipud(np.flipud(image).copy())
    for same in (image, wide, upside_down):
        assert len(detector.detect(same)) == 1


def test_a_huge_picture_is_looked_through(
    recognizer: Any, portrait: Path, face: FaceDetector
) -> None:
    picture = np.zeros((6000, 8000, 3), np.uint8)
    large = cv2.resize(read_picture(portrait), (4000, 4000))
    picture[1000:5000, 2000:6000] = large
    assert len(recognizer(picture).faces) == 1
    assert [type(one) for one in face.detect(np.zeros((6000, 8000), np.uint8))] == []


def test_sizes_may_alternate(face: FaceDetector, portrait: Path) -> None:
    for side in (160, 416, 320, 160):
        assert len(face.detect(shrink(read_picture(portrait), side))) == 1


@pytest.mark.parametrize(
    ("name", "most"), [("face-detector", 165_000), ("face-detector-fast", 260_000)]
)
def test_the_face_detectors_are_small_and_int8(name: str, most: int) -> None:
    assert find_model(name).stat().st_size <= most
    face = FaceDetector(name)
    assert face.interpreter.backend == (os.environ.get(INTERPRETER_VARIABLE) or "litert")
    assert face.card.landmarks == ("right_eye", "left_eye", "nose", "right_mouth", "left_mouth")


def test_a_model_of_the_other_kind_is_refused() -> None:
    with pytest.raises(ModelError, match="expected a face detector"):
        FaceDetector("edge")
    with pytest.raises(ModelError, match="expected an emotion model"):
        EmotionClassifier("face-detector")


@pytest.mark.parametrize("side", [320, 640])
def test_nothing_is_found_where_nobody_is(
    face: FaceDetector, shared: Callable[[str], Path], side: int
) -> None:
    with open_camera(shared("clips/no_face.mp4")) as camera:
        found = [len(face.detect(shrink(frame.image, side))) for frame in camera]
    assert sum(found) == 0


def test_a_face_is_found_until_it_leaves(face: FaceDetector, shared: Callable[[str], Path]) -> None:
    with open_camera(shared("clips/face_noface.mov")) as camera:
        found = np.array([len(face.detect(shrink(frame.image, 320))) for frame in camera])
    assert (found[:FACE_LEAVES] == 1).mean() >= 0.95
    assert (found[FACE_LEAVES + 3 :] == 0).all()


def test_a_person_at_camera_distance_is_found(
    face: FaceDetector, shared: Callable[[str], Path]
) -> None:
    with open_camera(shared("clips/asl_book.mkv")) as camera:
        found = np.array([len(face.detect(shrink(frame.image, 320))) for frame in camera])
    assert (found == 1).mean() >= 0.95


def test_an_unknown_detector_is_refused() -> None:
    with pytest.raises(ModelFileError, match="expected face") as caught:
        open_detector("magic")
    assert caught.value.errno == errno.ENOENT
    with pytest.raises(ModelError, match="passwd is no detector; expected face"):
        open_detector("/etc/passwd")


def test_a_wrong_onnx_file_is_refused(tmp_path: Path, shared: Callable[[str], Path]) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        open_detector(tmp_path / "missing.onnx")
    (tmp_path / "cut.onnx").write_bytes(shared(YUNET).read_bytes()[:5000])
    with pytest.raises(ModelError, match="damaged, or not YuNet"):
        open_detector(tmp_path / "cut.onnx")


def test_shrinking_never_enlarges_and_never_vanishes() -> None:
    assert shrink(np.zeros((480, 640), np.uint8), 320).shape == (240, 320)
    assert shrink(np.zeros((48, 64), np.uint8), 320).shape == (48, 64)
    assert shrink(np.zeros((1, 9000, 3), np.uint8), 320).shape == (1, 320, 3)


@pytest.mark.parametrize("wrong", [0, 1, -0.5, float("nan"), "0.5", None])
def test_a_score_threshold_is_above_0_and_below_1(wrong: Any) -> None:
    detector, picture = FaceDetector(), np.zeros((64, 64), np.uint8)
    for searched in (detector.search, detector.find):
        with pytest.raises(ArgumentError, match="score_threshold"):
            searched(picture, wrong)


def test_a_detector_that_nobody_has_any_more_frees_its_interpreter_at_once() -> None:
    detector = FaceDetector("face-detector")
    detector.detect(np.zeros((240, 320), np.uint8))
    held = weakref.ref(detector.interpreter)
    del detector
    assert held() is None
