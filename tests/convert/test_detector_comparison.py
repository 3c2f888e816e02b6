"""Which faces of the float detector the int8 one finds, too."""

from __future__ import annotations

import numpy as np
import pytest

from convert.detector import DetectorComparison, faces_in_both
from fer_edge.detectors.grid import Candidates


def faces(*boxes: tuple[float, float, float, float]) -> Candidates:
    count = len(boxes)
    return Candidates(
        np.full(count, 0.9, np.float32),
        np.array(boxes, np.float32).reshape(count, 4),
        np.zeros((count, 5, 2), np.float32),
    )


def test_each_face_counts_once_and_only_where_boxes_share_half() -> None:
    one, near, far = (0, 0, 10, 10), (1, 0, 11, 10), (8, 0, 18, 10)
    assert faces_in_both(faces(one), faces(near)) == 1
    assert faces_in_both(faces(one), faces(far)) == 0
    assert faces_in_both(faces(one, near), faces(one)) == 1
    assert faces_in_both(faces(one), faces(one, near)) == 1
    assert faces_in_both(faces(one, far), faces(far, one)) == 2
    assert faces_in_both(faces(one), faces()) == 0
    assert faces_in_both(faces(), faces(one)) == 0


def test_the_loss_is_in_percent_of_the_float_networks_faces() -> None:
    assert DetectorComparison(scenes=5, faces=40, kept=39, others=7).loss == pytest.approx(2.5)
