"""Faces are found, by each detector, in real pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fer_edge import Box, Detector, ModelError, open_detector
from fer_edge.cameras.pictures import read_picture
from fer_edge.cameras.sample import FACE
from fer_edge.detectors.shrink import shrink

YUNET = "models/face_detection_yunet_2023mar.onnx"


def overlap(one: Box, other: Box) -> float:
    across = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    along = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    shared = max(0.0, across) * max(0.0, along)
    return shared / (one.width * one.height + other.width * other.height - shared)


@pytest.fixture(params=["haar", "yunet"])
def detector(request: pytest.FixtureRequest, shared: Callable[[str], Path]) -> Detector:
    return open_detector("haar" if request.param == "haar" else shared(YUNET))


def test_the_portraits_face_is_found_and_framed(detector: Detector, portrait: Path) -> None:
    for image in (read_picture(portrait), read_picture(portrait)[..., 1].copy()):
        found = list(detector.detect(image))
        assert len(found) == 1
        assert overlap(found[0].square, FACE) > 0.7
        assert 0.5 <= found[0].score <= 1


def test_nothing_is_found_in_a_plain_picture(detector: Detector) -> None:
    assert list(detector.detect(np.full((240, 320), 128, np.uint8))) == []


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1, 3), (7, 7), (16, 900), (3, 3, 3)])
def test_slivers_are_no_faces(detector: Detector, shape: tuple[int, ...]) -> None:
    assert list(detector.detect(np.zeros(shape, np.uint8))) == []


def test_a_read_only_or_strided_picture_is_fine(detector: Detector, portrait: Path) -> None:
    image = read_picture(portrait)
    image.setflags(write=False)
    wide = np.repeat(image, 2, axis=1)[:, ::2]
    assert len(detector.detect(image)) == len(detector.detect(wide)) == 1


def test_an_unknown_detector_is_refused() -> None:
    with pytest.raises(ModelError, match="expected haar"):
        open_detector("magic")


def test_a_wrong_onnx_file_is_refused(tmp_path: Path, shared: Callable[[str], Path]) -> None:
    with pytest.raises(ModelError, match="no detector at"):
        open_detector(tmp_path / "missing.onnx")
    (tmp_path / "cut.onnx").write_bytes(shared(YUNET).read_bytes()[:5000])
    with pytest.raises(ModelError, match="damaged, or not YuNet"):
        open_detector(tmp_path / "cut.onnx")


def test_shrinking_never_enlarges_and_never_vanishes() -> None:
    assert shrink(np.zeros((480, 640), np.uint8), 320).shape == (240, 320)
    assert shrink(np.zeros((48, 64), np.uint8), 320).shape == (48, 64)
    assert shrink(np.zeros((1, 9000, 3), np.uint8), 320).shape == (1, 320, 3)
