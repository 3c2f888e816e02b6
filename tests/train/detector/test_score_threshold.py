"""A detector's score threshold is the lowest one with few enough false faces."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from fer_edge.detectors.grid import Candidates
from train.detector.data.pictures import Picture
from train.detector.measuring import score_threshold
from train.detector.measuring.score_threshold import choose_score_threshold
from train.detector.measuring.views import PICTURE_SIDES_PIXELS
from train.errors import DatasetError


class Bright:
    """Finds faces in each picture; their score is the picture's brightness in percent."""

    def __init__(self, faces: int = 1) -> None:
        self.faces = faces
        self.asked: set[tuple[int, ...]] = set()
        self.calls = 0

    def find(self, image: np.ndarray, score_threshold: float) -> Candidates:
        raise AssertionError("the threshold is chosen with the second looks")

    def search(self, image: np.ndarray, score_threshold: float) -> Candidates:
        self.asked.add(image.shape)
        self.calls += 1
        score = image[0, 0] / 100
        count = self.faces * int(score >= score_threshold)
        return Candidates(
            np.full(count, score, np.float32),
            np.zeros((count, 4), np.float32),
            np.zeros((count, 5, 2), np.float32),
        )


@pytest.fixture(autouse=True)
def small_views(monkeypatch: pytest.MonkeyPatch) -> None:
    """To draw pictures of 1280 pixels takes most of the time, and each is one brightness."""
    assert len(PICTURE_SIDES_PIXELS) == 5
    monkeypatch.setattr(score_threshold, "PICTURE_SIDES_PIXELS", (16, 20, 24, 28, 32))


def showing(percents: list[int], source: str = "scenes") -> list[Picture]:
    nothing = np.zeros((0, 4), np.float32), np.zeros((0, 5, 2), np.float32)
    images = [np.full((60, 80), percent, np.uint8) for percent in percents]
    no = np.zeros(0, bool)
    return [Picture(source, source, image, *nothing, no, no) for image in images]


def test_one_picture_in_seventy_may_have_a_false_face() -> None:
    """Each picture has one in all of its 15 views, and 1,050 views may have 15."""
    detector = Bright()
    assert choose_score_threshold(detector, showing([90, 72, 55] + [5] * 67)) == 0.73
    assert len(detector.asked) == 15
    # Bisection takes seven passes, and those that are too loud end early.
    assert detector.calls < 5 * 1050
    assert choose_score_threshold(Bright(), showing([90, 72, 55] + [5] * 64)) == 0.73
    assert choose_score_threshold(Bright(), showing([90, 72, 55] + [5] * 63)) == 0.91
    assert choose_score_threshold(Bright(faces=2), showing([90, 72, 55] + [5] * 67)) == 0.91
    assert choose_score_threshold(Bright(), showing([90] + [5] * 69)) == 0.30


def test_pictures_that_may_show_a_face_do_not_count() -> None:
    pictures = showing([50] + [5] * 69) + showing([80] * 30, "portraits")
    assert choose_score_threshold(Bright(), pictures) == 0.30
    with pytest.raises(DatasetError, match="no score threshold can be chosen"):
        choose_score_threshold(Bright(), showing([5], "portraits"))


def test_a_threshold_that_does_not_suffice_is_not_silent(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        assert choose_score_threshold(Bright(), showing([99] * 3)) == 0.95
    assert "more than 0 false faces in 45 pictures" in caplog.text
