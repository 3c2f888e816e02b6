"""Doubtful faces are looked at again, each by itself, and the mean of both scores decides."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fer_edge import Box
from fer_edge.cameras.sample import FACE_BOX
from fer_edge.detectors import FaceDetector
from fer_edge.detectors.doubtful import (
    CROP_SIDE_FACTOR,
    LARGE_BOX_CROP_SIDE_FACTOR,
    LARGE_BOX_SHARE,
    MOST_SECOND_LOOKS,
    CloseUp,
    least_mean,
    least_mean_of_large,
    lowest,
    lowest_second,
    score_of,
    sure,
    without_doubtful,
)
from fer_edge.detectors.grid import (
    CHANNELS,
    HINTS,
    Candidates,
    candidates,
    pairwise_iou,
)
from fer_edge.detectors.layout import AS_IT_IS, layout_of
from fer_edge.detectors.shrink import shrink
from fer_edge.pictures.image import Image, grey
from fer_edge.pictures.picture_file import read_picture

LEAST, SIDE = 0.67, 240
"""The score threshold, and pixels of the pictures' shorter side."""


def found(scores: list[float], side: float = 60.0) -> Candidates:
    corners = np.arange(len(scores), dtype=np.float32)[:, np.newaxis] * [100, 0]
    boxes = np.concatenate([corners, corners + side], axis=1).astype(np.float32)
    marks = np.zeros((len(scores), 5, 2), np.float32)
    return Candidates(np.array(scores, np.float32), boxes, marks)


def test_only_doubtful_faces_are_asked_about_and_have_the_mean_of_both_scores() -> None:
    seconds = {100: 0.9, 200: 0.65, 300: 0.9, 400: 0.6}
    asked = []

    def second(box: np.ndarray) -> float:
        asked.append(int(box[0]))
        return seconds[int(box[0])]

    kept = without_doubtful(found([0.8, 0.76, 0.7, 0.6, 0.55]), LEAST, SIDE, second)
    assert asked == [100, 200, 300, 400]
    assert kept.boxes[:, 0].tolist() == [100, 0, 300]
    assert kept.scores == pytest.approx([(0.76 + 1.8) / 3, 0.8, (0.6 + 1.8) / 3])


def test_nobody_is_asked_about_where_all_are_sure() -> None:
    def second(box: np.ndarray) -> float:
        raise AssertionError(box)

    everyone = found([0.9, 0.8])
    assert without_doubtful(everyone, LEAST, SIDE, second) is everyone
    assert len(without_doubtful(found([]), LEAST, SIDE, second).scores) == 0
    small = without_doubtful(found([0.9, 0.68], side=30), LEAST, SIDE, second, trust_small=True)
    assert small.scores == pytest.approx([0.9, 0.68])


def test_small_faces_below_the_least_score_are_asked_about() -> None:
    faces = found([0.68, 0.6], side=30)
    kept = without_doubtful(faces, LEAST, SIDE, lambda box: 0.9, trust_small=True)
    assert kept.scores == pytest.approx([0.8, 0.68])


def test_small_faces_need_a_little_more() -> None:
    def second(box: np.ndarray) -> float:
        return 0.67

    assert len(without_doubtful(found([0.68], side=60), LEAST, SIDE, second).scores) == 1
    assert len(without_doubtful(found([0.68], side=30), LEAST, SIDE, second).scores) == 0


@pytest.mark.parametrize(
    ("first", "second", "side", "kept"),
    [(0.62, 0.6, 200, 1), (0.62, 0.6, 190, 0), (0.62, 0.59, 200, 0), (0.68, 0.5, 200, 0)],
)
def test_faces_as_large_as_the_picture_need_a_little_less(
    first: float, second: float, side: float, kept: int
) -> None:
    candidates = found([first], side=side)
    assert len(without_doubtful(candidates, LEAST, SIDE, lambda box: second).scores) == kept


def test_a_small_face_needs_more_in_a_small_picture_too() -> None:
    candidates = found([0.62], side=30)
    assert len(without_doubtful(candidates, LEAST, 32, lambda box: 0.67).scores) == 0


def test_of_many_doubtful_faces_the_first_scores_decide() -> None:
    asked = []

    def second(box: np.ndarray) -> float:
        asked.append(box)
        return 0.0

    kept = without_doubtful(found([0.7] * (MOST_SECOND_LOOKS + 3) + [0.6]), LEAST, SIDE, second)
    assert len(asked) == MOST_SECOND_LOOKS
    assert kept.scores == pytest.approx([0.7] * 3)


@given(st.floats(0.01, 0.99))
def test_the_bounds_are_in_order(least: float) -> None:
    assert 0 < lowest(least) < least_mean_of_large(least) < least
    assert least < least_mean(least) < sure(least) < 1
    assert 0 < lowest_second(least) < 1
    # At the bound: the surest of the doubtful ones with a large box just reaches the mean.
    first = found([float(np.nextafter(np.float32(sure(least)), np.float32(0)))])
    second = lowest_second(least) + 1e-5
    assert len(without_doubtful(first, least, 60, lambda box: second).scores)


@settings(max_examples=300, deadline=None)
@given(
    st.tuples(st.floats(-300, 600), st.floats(-300, 600)),
    st.tuples(st.floats(1e-3, 700), st.floats(1e-3, 700)),
    st.sampled_from([(240, 320), (1, 300), (97, 61), (960, 1280)]),
)
def test_a_close_up_has_the_box_in_its_middle(
    corner: tuple[float, float], sides: tuple[float, float], shape: tuple[int, int]
) -> None:
    image = np.full(shape, 200, np.uint8)
    box = np.array([*corner, corner[0] + sides[0], corner[1] + sides[1]], np.float32)
    close = CloseUp.of(box, image, 96)
    if close is None:
        reach = 0.5 * CROP_SIDE_FACTOR * max(sides) + 2
        middle = (box[:2] + box[2:]) / 2
        assert ((middle + reach < 0) | (middle - reach > [shape[1], shape[0]])).any() or (
            (middle < 2) | (middle > np.array([shape[1], shape[0]]) - 2)
        ).any()
        return
    canvas = close.drawn(image)
    assert canvas.shape == (96, 96)
    assert set(np.unique(canvas)) <= {0, 200}
    if max(sides) > 8 and min(shape) > 8:
        # Whole pixels of the picture and of the canvas, and what halving leaves out.
        is_large = max(sides) >= LARGE_BOX_SHARE * min(shape)
        factor = LARGE_BOX_CROP_SIDE_FACTOR if is_large else CROP_SIDE_FACTOR
        slack = 2 + 2 * 96 / (factor * max(sides))
        where = close.box
        if all(low >= 0 for low in corner) and box[2] < shape[1] and box[3] < shape[0]:
            assert where.x + where.width / 2 == pytest.approx(48, abs=slack)
            assert where.y + where.height / 2 == pytest.approx(48, abs=slack)
            assert max(where.width, where.height) == pytest.approx(96 / factor, abs=slack)


def test_no_close_up_of_what_is_not_finite_or_not_there() -> None:
    image = np.zeros((240, 320), np.uint8)
    for box in ([np.nan, 0, 5, 5], [0, 0, np.inf, 5], [400, 0, 420, 20], [0, -90, 20, -60]):
        assert CloseUp.of(np.array(box, np.float32), image, 96) is None
    assert CloseUp.of(np.array([-1e30, -1e30, 1e30, 1e30], np.float32), image, 96) is not None


def test_the_score_of_a_box_is_that_of_the_best_cell_that_is_like_it() -> None:
    random = np.random.default_rng(5)
    shapes = ((12, 12, CHANNELS), (6, 6, CHANNELS + HINTS), (3, 3, CHANNELS + HINTS))
    meanings, strides = ((0.04, 3), (0.03, -20), (0.05, 0)), (8, 16, 32)
    layout = layout_of((shapes,), (AS_IT_IS,), 0.6, strides, meanings, CHANNELS)
    asked = 0
    for _ in range(20):
        grids = [random.integers(-60, 90, shape).astype(np.int8) for shape in shapes]
        meant = [
            (grid.astype(np.float32) - zero) * np.float32(scale)
            for grid, (scale, zero) in zip(grids, meanings, strict=True)
        ]
        every = candidates(meant, strides, 0.6)
        for box in [*every.boxes[1::7], np.array([24, 26, 70, 72], np.float32)]:
            alike = every.scores[pairwise_iou(every.boxes, box[np.newaxis])[:, 0] >= 0.5]
            left, top, right, bottom = box.tolist()
            score = score_of(Box(left, top, right - left, bottom - top), grids, layout)
            assert score == pytest.approx(alike.max(initial=0.0), abs=1e-6)
            asked += len(alike) > 0
    assert asked > 50


def far(portrait: Path, side: int) -> tuple[Image, Box]:
    """The portrait so far away that it is `side` pixels large, in 320x240."""
    small = shrink(grey(read_picture(portrait)), side)
    picture = np.full((240, 320), 90, np.uint8)
    picture[60 : 60 + small.shape[0], 100 : 100 + small.shape[1]] = small
    scale = side / 512
    return picture, Box(
        100 + FACE_BOX.x * scale,
        60 + FACE_BOX.y * scale,
        FACE_BOX.width * scale,
        FACE_BOX.height * scale,
    )


def test_far_faces_are_found_that_one_look_doubts(portrait: Path) -> None:
    face = FaceDetector()
    least = face.card.score_threshold
    doubted = 0
    for side in range(84, 124, 2):
        picture, where = far(portrait, side)
        detections = face.detect(picture)
        if len(face.find(picture, least).scores) == 0 and len(detections) == 1:
            doubted += 1
            assert detections[0].square.iou(where) > 0.4
            assert detections[0].score >= least
    assert doubted >= 3
