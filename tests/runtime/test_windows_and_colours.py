"""A detector sees the window, the colours and the size that are asked for."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from fer_edge import (
    ArgumentError,
    Box,
    Frame,
    Recognizer,
    open_camera,
    open_detector,
)
from fer_edge.detectors import FaceDetector
from fer_edge.pictures.image import grey
from fer_edge.pictures.picture_file import read_picture
from tests.runtime.own_detectors import SQUARE, Mine, MineOfGrey

YUNET = "models/face_detection_yunet_2023mar.onnx"


def around(face: Box, times: float = 2.0) -> Box:
    return face.square(times)


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


def test_the_cameras_luma_is_used_only_where_it_is_large_enough(frame: Frame) -> None:
    blind = dataclasses.replace(frame, luma=np.zeros((240, 320), np.uint8))
    assert Recognizer(detection_side=320).detect(blind) == ()
    assert len(Recognizer(detection_side=640).detect(blind)) == 1
    assert len(Recognizer(detection_side=321).detect(blind)) == 1
    image = np.ascontiguousarray(frame.image[::2, ::2])
    small = dataclasses.replace(frame, image=image, luma=np.zeros_like(image[..., 0]))
    # As large as the image itself is enough, since that is never enlarged.
    assert Recognizer(detection_side=640).detect(small) == ()


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
