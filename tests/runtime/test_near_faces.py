"""Faces are found from 36 pixels to larger than the picture, each once, in any shape of picture."""

from __future__ import annotations

import itertools
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fer_edge import Box, Recognizer
from fer_edge.cameras.sample import FACE_BOX
from fer_edge.detectors import FaceDetector
from fer_edge.detectors.face_detector import LARGEST_SIDE_PIXELS
from fer_edge.detectors.scales import Look, drawn, looks
from fer_edge.interpreter import MOST_PREPARED_SHAPES
from fer_edge.pictures.image import Image, grey
from fer_edge.pictures.picture_file import read_picture

SHAPES = {"4:3": (4, 3), "square": (1, 1), "upright": (3, 4)}


def with_face(portrait: Image, size: tuple[int, int], side: float) -> tuple[Image, Box]:
    """The portrait's face, `side` pixels large, in the middle of a picture, cut by its edges."""
    scale = side / FACE_BOX.width
    centre = (FACE_BOX.x + FACE_BOX.width / 2, FACE_BOX.y + FACE_BOX.height / 2)
    move = np.array(size) / 2 - scale * np.array(centre)
    matrix = np.array([[scale, 0, move[0]], [0, scale, move[1]]])
    if scale < 1:
        # Averaged first, as a camera's lens does.
        less = max(1, round(1 / scale))
        small = cv2.resize(portrait, None, fx=1 / less, fy=1 / less, interpolation=cv2.INTER_AREA)
        matrix[:, :2] *= portrait.shape[0] / small.shape[0]
        portrait = np.asarray(small, np.uint8)
    picture = cv2.warpAffine(portrait, matrix, size, borderValue=(90, 90, 90))
    left, top = np.array(size) / 2 - side / 2
    return np.asarray(picture, np.uint8), Box(left, top, side, side)


def cut_to(box: Box, size: tuple[int, int]) -> Box:
    left, top = max(0.0, box.x), max(0.0, box.y)
    right, bottom = min(box.x + box.width, size[0]), min(box.y + box.height, size[1])
    return Box(left, top, right - left, bottom - top)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("side", [160, 320, 400, 640, 960, 1280])
def test_a_face_is_found_once_at_every_size(side: int, shape: str, portrait: Path) -> None:
    image = grey(read_picture(portrait))
    recognizer = Recognizer(detection_side=side)
    across, along = SHAPES[shape]
    size = (side * across // max(across, along), side * along // max(across, along))
    for share in (0.3, 0.6, 0.8, 1.0, 1.2):
        picture, face = with_face(image, size, share * min(size))
        (found,) = recognizer.detect(picture)
        assert cut_to(found.square, size).iou(cut_to(face, size)) > 0.6, share
    picture, face = with_face(image, size, 40)
    (found,) = recognizer.detect(picture)
    assert found.square.iou(face) > 0.5


@pytest.mark.parametrize("size", [(96, 72), (120, 90), (48, 64), (128, 128), (97, 97), (250, 250)])
def test_a_face_is_found_in_pictures_that_are_never_enlarged(
    recognizer: Recognizer, portrait: Path, size: tuple[int, int]
) -> None:
    for share in (0.75, 1.0):
        picture, face = with_face(grey(read_picture(portrait)), size, share * min(size))
        (found,) = recognizer.detect(picture)
        assert cut_to(found.square, size).iou(cut_to(face, size)) > 0.6, share


@settings(max_examples=200, deadline=None)
@given(st.integers(1, LARGEST_SIDE_PIXELS), st.integers(1, LARGEST_SIDE_PIXELS))
def test_looks_cover_the_picture_and_fit_their_canvases(width: int, height: int) -> None:
    found = looks(width, height, 32, 416)
    assert len(found) == 1 + (max(width, height) > 416 or 1.2 * min(width, height) > 416)
    assert max(found[-1].size) <= 416
    assert 1.2 * min(found[-1].size) <= 416
    check_looks(found, width, height)


@given(st.integers(1, LARGEST_SIDE_PIXELS), st.integers(1, LARGEST_SIDE_PIXELS))
def test_copies_end_with_one_in_which_all_faces_are_known(width: int, height: int) -> None:
    found = looks(width, height, 32, 96)
    assert max(found[-1].size) <= 96
    check_looks(found, width, height)


def check_looks(found: tuple[Look, ...], width: int, height: int) -> None:
    assert found[0].size == (width, height)
    for look in found:
        assert all(side % 32 == 0 for side in look.canvas)
        for axis in range(2):
            assert 0 <= look.corner[axis] <= look.canvas[axis] - look.size[axis]
            # What halving leaves out is less than a pixel of the copy.
            lost = (width, height)[axis] - look.part[axis]
            assert 0 <= lost < max(1, look.part[axis] / look.size[axis])
    for larger, smaller in itertools.pairwise(found):
        assert max(larger.size) / max(smaller.size) <= 4.1


def test_a_copy_lies_where_its_look_says() -> None:
    image = np.full((480, 640), 200, np.uint8)
    for look in looks(640, 480, 32, 416):
        canvas = drawn(image, look)
        assert canvas.shape == look.canvas[::-1]
        left, top = look.corner
        assert (canvas[top : top + look.size[1], left : left + look.size[0]] == 200).all()
        assert canvas.astype(int).sum() == 200 * look.size[0] * look.size[1]


def test_each_size_is_prepared_once_and_few_are_kept(portrait: Path) -> None:
    face = FaceDetector()
    image = grey(read_picture(portrait))
    pictures = [np.ascontiguousarray(image[:side]) for side in (500, 400, 300)]
    before = [face.detect(picture) for picture in pictures]
    prepared = face.interpreter._prepared
    kept = list(prepared.values())
    assert len(kept) == MOST_PREPARED_SHAPES
    face.detect(pictures[-1])
    face.detect(pictures[-1])
    assert {id(one) for one in prepared.values()} == {id(one) for one in kept}
    assert [face.detect(picture) for picture in pictures] == before
    assert len(prepared) == MOST_PREPARED_SHAPES


def test_a_face_is_not_found_again_in_its_own_parts(recognizer: Recognizer, portrait: Path) -> None:
    image = grey(read_picture(portrait))
    for share in np.linspace(0.5, 1.2, 15):
        picture, _ = with_face(image, (320, 240), share * 240)
        assert len(recognizer.detect(picture)) == 1, share
