"""The targets of each cell of the network's grids for a scene.

A face belongs to the grid whose stride fits its size, and there to the cells about its centre.
In the grids next to it, where its size nearly fits, the loss leaves those cells out.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from train.detector.scenes.placed import Scene

STRIDES = (8, 16, 32)
LARGEST_FACE_PIXELS = (40.0, 96.0, np.inf)
"""Pixels of a face's size (the root of its area) up to which it belongs to each grid."""
SIZE_MARGIN_FACTOR = 1.3
"""Within this factor of a grid's bounds a face nearly fits."""
REACH_FACE_SHARE, NEAREST_STRIDES, FARTHEST_STRIDES = 0.3, 0.5, 1.5
"""Cells answer for a face up to this share of its size from its centre, along each axis. They do so
at least so many strides from it, and at most so many."""
PSEUDO_LANDMARK_WEIGHT = 0.15
"""The weight of a detector's landmarks; that of people's is 1. The detector's errors are half as
large again."""
LARGEST_LEAN_OF_YUNET = math.radians(20)
"""YuNet finds 99.7 % of portraits that lean by 15 degrees, 92 % at 30 and 20 % at 60. Its landmarks
are off by 13 % of the eyes' distance where heads are upright, 18 % at 15 degrees, 30 % at 30."""
TARGET_COLUMNS = 19
"""Whether a face is here; whether that counts; the box's 4 numbers; the landmarks' 10. Then come
how much the box and the landmarks count, and whether a teacher is to be learned from here."""


def cell_targets(
    scene: Scene, side: int, largest_lean: float = LARGEST_LEAN_OF_YUNET
) -> npt.NDArray[np.float32]:
    """(cells, TARGET_COLUMNS): the grids' cells in the order of STRIDES, row by row; in strides.

    Args:
        scene: square.
        side: its pixels.
        largest_lean: radians; on heads that lean further nothing is learned from the teacher.
    """
    leaning = [_lean(one) > largest_lean for one in scene.landmarks]
    levels = range(len(STRIDES))
    return np.concatenate([_of_grid(scene, leaning, side, level) for level in levels])


def _of_grid(scene: Scene, leaning: list[bool], side: int, level: int) -> npt.NDArray[np.float32]:
    stride = STRIDES[level]
    count = side // stride
    wanted = np.zeros((count, count, TARGET_COLUMNS), np.float32)
    wanted[..., 1] = wanted[..., 18] = 1
    low = LARGEST_FACE_PIXELS[level - 1] if level else 0.0
    boxes, high = scene.boxes, LARGEST_FACE_PIXELS[level]
    sizes = np.sqrt((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]))
    # Smaller faces last, so that they take a cell that two faces share: the smaller one is in
    # front, or it has no other cell.
    for face in np.argsort(-sizes):
        # Numbers of Python's: numpy's calls would take longer than all else here.
        size, box = float(sizes[face]), boxes[face].tolist()
        reach = min(
            max(REACH_FACE_SHARE * size, NEAREST_STRIDES * stride), FARTHEST_STRIDES * stride
        )
        near = _cells(_about(box, reach), stride, count)
        if leaning[face]:
            wanted[_cells(box, stride, count)][..., 18] = 0
        if scene.ignored[face]:
            for cells in (near, _cells(box, stride, count)):
                _leave_open(wanted[cells])
        elif low < size <= high:
            _answer(wanted, near, boxes[face], scene.landmarks[face], stride)
            wanted[near][..., 17] *= 1.0 if scene.by_people[face] else PSEUDO_LANDMARK_WEIGHT
        elif low / SIZE_MARGIN_FACTOR < size <= high * SIZE_MARGIN_FACTOR:
            _leave_open(wanted[near])
    return wanted.reshape(-1, TARGET_COLUMNS)


Cells = tuple[slice, slice]
"""Rows and columns of a grid."""


def _about(box: list[float], reach: float) -> list[float]:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return [x - reach, y - reach, x + reach, y + reach]


def _cells(box: list[float], stride: int, count: int) -> Cells:
    """The cells whose centres lie in a box, but one cell at least."""

    def along(low: float, high: float) -> slice:
        first = math.ceil(low / stride - 0.5)
        last = max(math.floor(high / stride - 0.5), first)
        return slice(min(max(first, 0), count - 1), min(max(last, 0), count - 1) + 1)

    return along(box[1], box[3]), along(box[0], box[2])


def _lean(landmarks: npt.NDArray[np.float32]) -> float:
    """Radians, 0 to pi, between the line of the eyes and a level one; NaN without landmarks."""
    (right_x, right_y), (left_x, left_y) = landmarks[:2].tolist()
    return abs(math.atan2(left_y - right_y, left_x - right_x))


def _leave_open(part: npt.NDArray[np.float32]) -> None:
    """Leave cells that belong to no face out of the loss."""
    part[part[..., 0] == 0, 1] = 0


def _answer(
    wanted: npt.NDArray[np.float32],
    near: Cells,
    box: npt.NDArray[np.float32],
    landmarks: npt.NDArray[np.float32],
    stride: int,
) -> None:
    rows, columns = (np.arange(some.start, some.stop, dtype=np.float32) + 0.5 for some in near)
    cells = np.stack(np.meshgrid(columns, rows), axis=-1) * stride
    part = wanted[near]
    part[..., :18] = 0
    part[..., :2] = 1
    part[..., 2:4] = ((box[:2] + box[2:]) / 2 - cells) / stride
    part[..., 4:6] = np.log(np.maximum(box[2:] - box[:2], 1) / stride)
    part[..., 16] = 1
    if not np.isnan(landmarks).any():
        away = (landmarks - cells[..., np.newaxis, :]) / stride
        part[..., 6:16] = away.reshape(*away.shape[:2], 10)
        part[..., 17] = 1
