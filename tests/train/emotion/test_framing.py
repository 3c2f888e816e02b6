"""The measure of a detector's framing."""

from __future__ import annotations

import pytest

from fer_edge.detectors.checked import checked_detections
from fer_edge.face import Box
from train.emotion.measuring.framing import LEANS_DEGREES, _leaning


def test_a_leaning_square_is_a_detection_that_leans() -> None:
    for lean in LEANS_DEGREES:
        (one,) = checked_detections([_leaning(Box(10, 20, 100, 100), lean)], "the measure")
        assert one.roll == pytest.approx(lean)
        assert one.square == Box(10, 20, 100, 100)
