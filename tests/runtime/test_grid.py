"""A detection network's numbers become faces, and repeats go."""

from __future__ import annotations

import numpy as np
import pytest

from fer_edge.detectors.grid import (
    CHANNELS,
    HINTS,
    Candidates,
    candidates,
    decoded,
    likely_cells,
    pairwise_iou,
    weighted_nms,
)
from fer_edge.detectors.layout import AS_IT_IS, layout_of
from fer_edge.face import Box


def empty(height: int, width: int, hints: int = 0) -> np.ndarray:
    grid = np.zeros((height, width, CHANNELS + hints), np.float32)
    grid[:, :, 0] = -9
    return grid


def test_a_cell_says_where_its_face_is() -> None:
    fine, coarse = empty(4, 6), empty(2, 3, HINTS)
    fine[1, 2] = [2.0, 0.25, -0.5, np.log(3), np.log(4), *range(10)]
    found = candidates([fine, coarse], [8, 16], 0.5)
    assert found.scores == pytest.approx([1 / (1 + np.exp(-2))])
    # Cell (column 2, row 1) of 8 pixels is centred at (20, 12); the face at (22, 8), 24 by 32.
    assert found.boxes[0] == pytest.approx([10, -8, 34, 24], abs=1e-4)
    assert found.landmarks[0, 0] == pytest.approx([20, 12 + 8])
    assert found.landmarks[0, 4] == pytest.approx([20 + 64, 12 + 72])
    assert len(candidates([empty(4, 6)], [8], 0.5).scores) == 0


def test_hints_are_for_the_finer_cells_below() -> None:
    fine, coarse = empty(4, 6), empty(2, 3, HINTS)
    hints = coarse[1, 2, CHANNELS:].reshape(4, CHANNELS)
    hints[:, 0] = [9.5, 10, 11, 12]
    fine[3, 5, 1], hints[3, 1], hints[2, 3], hints[0, 5:] = 0.25, 0.5, np.log(2), 1.5
    found = candidates([fine, coarse], [8, 16], 0.5)
    centres = (found.boxes[:, :2] + found.boxes[:, 2:]) / 2
    # The cell of 16 pixels in column 2, row 1 covers those of 8 in columns 4, 5 and rows 2, 3.
    # A hint is in the finer grid's strides, and adds to what the finer cell says.
    assert centres.tolist() == [[44 + 6, 28], [36, 28], [44, 20], [36, 20]]
    assert found.scores == pytest.approx(1 / (1 + np.exp(-np.array([3, 2, 1, 0.5]))))
    assert (found.boxes[:, 2] - found.boxes[:, 0]).tolist() == pytest.approx([8, 16, 8, 8])
    assert found.landmarks[3].tolist() == [[36 + 12, 20 + 12]] * 5


def test_the_best_come_first_and_no_more_than_asked_for() -> None:
    grid = empty(10, 10)
    grid[:, :, 0] = np.arange(100).reshape(10, 10) / 50
    found = candidates([grid], [8], 0.01, most=7)
    assert len(found.scores) == 7
    assert (np.diff(found.scores) <= 0).all()
    assert found.scores[0] == pytest.approx(1 / (1 + np.exp(-99 / 50)))


def test_wild_numbers_stay_finite() -> None:
    grid = np.full((3, 3, CHANNELS), 1e4, np.float32)
    found = candidates([grid], [32], 0.5)
    assert np.isfinite(found.boxes).all()
    assert np.isfinite(found.scores).all()


def test_of_repeats_the_best_stays() -> None:
    boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [9, 0, 19, 10], [40, 40, 50, 50]], np.float32)
    scores = np.array([0.9, 0.8, 0.7, 0.6], np.float32)
    found = Candidates(scores, boxes, np.zeros((4, 5, 2), np.float32))
    assert weighted_nms(found, 0.4).scores.tolist() == pytest.approx([0.9, 0.7, 0.6])
    assert weighted_nms(found, 0.01).scores.tolist() == pytest.approx([0.9, 0.6])
    assert len(weighted_nms(found.take(np.array([], int)), 0.4).scores) == 0


def test_cells_that_answer_for_one_face_share_box_and_landmarks() -> None:
    boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [5, 0, 15, 10], [40, 40, 50, 50]], np.float32)
    scores = np.array([0.8, 0.4, 0.4, 0.3], np.float32)
    marks = np.zeros((4, 5, 2), np.float32)
    marks[:, :, 0] = np.array([5, 6, 10, 45])[:, np.newaxis]
    found = weighted_nms(Candidates(scores, boxes, marks), 0.3)
    # The second weighs a sixteenth of the first, and the third is too far away to be heard.
    moved = 1 / 17
    expected = np.array([[5 + moved] * 5, [45] * 5])
    assert found.landmarks[:, :, 0] == pytest.approx(expected)
    assert found.boxes == pytest.approx(np.array([[moved, 0, 10 + moved, 10], boxes[3]]))


def test_overlaps_of_many_are_those_of_each_two() -> None:
    random = np.random.default_rng(3)
    corners = random.uniform(0, 60, (7, 2))
    some = np.concatenate([corners, corners + random.uniform(5, 50, (7, 2))], axis=1)
    rows = np.concatenate([some[:, :2], some[:, 2:] - some[:, :2]], axis=1).tolist()
    boxes = [Box(*row) for row in rows]
    shared = pairwise_iou(some.astype(np.float32), some.astype(np.float32)[:4])
    assert shared.shape == (7, 4)
    for one, row in zip(boxes, shared, strict=True):
        assert row == pytest.approx([one.iou(other) for other in boxes[:4]], abs=1e-5)


@pytest.mark.parametrize(("scale", "kept"), [(3, [0.9, 0.7]), (1, [0.9, 0.8, 0.7])])
def test_a_part_of_a_large_face_is_no_face_of_its_own(scale: float, kept: list[float]) -> None:
    boxes = np.array([[0, 0, 100, 100], [30, 60, 70, 90], [90, 90, 140, 140]], np.float32) * scale
    scores = np.array([0.9, 0.8, 0.7], np.float32)
    found = weighted_nms(Candidates(scores, boxes, np.zeros((3, 5, 2), np.float32)), 0.4)
    assert found.scores.tolist() == pytest.approx(kept)


@pytest.mark.parametrize("hints", [0, HINTS])
def test_integers_give_the_same_candidates_as_the_numbers_that_they_mean(hints: int) -> None:
    random = np.random.default_rng(3)
    shapes = ((4, 8, CHANNELS), (2, 4, CHANNELS + hints), (1, 2, CHANNELS + hints))
    meanings, strides = ((0.07, 3), (0.11, -20), (0.05, 0)), (8, 16, 32)
    grids = [random.integers(-128, 128, shape).astype(np.int8) for shape in shapes]
    meant = [
        (grid.astype(np.float32) - zero) * np.float32(scale)
        for grid, (scale, zero) in zip(grids, meanings, strict=True)
    ]
    layout = layout_of((shapes,), (AS_IT_IS,), 0.3, strides, meanings, CHANNELS)
    found, wanted = decoded(likely_cells(grids, layout)), candidates(meant, strides, 0.3)
    assert 10 < len(wanted.scores) < 42
    for name in ("scores", "boxes", "landmarks"):
        assert np.array_equal(getattr(found, name), getattr(wanted, name))


def test_two_looks_are_two_pictures_at_their_places() -> None:
    first, second = empty(4, 6), empty(2, 2)
    first[1, 2, 0], second[1, 0, 0] = 2.0, 3.0
    shapes = ((first.shape,), (second.shape,))
    placings = (AS_IT_IS, (4.0, 2.0, 3.0, 5.0))
    layout = layout_of(shapes, placings, 0.5, (8,), ((1.0, 0),), CHANNELS)
    cells = likely_cells([first, second], layout)
    assert cells is not None
    assert (len(cells.rows), cells.first) == (2, 1)
    boxes = decoded(cells).boxes
    # The second look's cell at (4, 12) of a copy that lies at (4, 2) and is 3 and 5 times smaller.
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    assert centres.tolist() == [[0.0, 50.0], [20.0, 12.0]]
    assert (boxes[0, 2:] - boxes[0, :2]).tolist() == [24.0, 40.0]
