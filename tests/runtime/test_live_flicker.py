"""Steady labels of real faces, through the whole pipeline: they stay, and they follow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import fer_edge
from fer_edge.live import Tracker
from fer_edge.pictures.image import Image
from tests.measure.scenes import NoisyCamera, faces, scene
from tests.measure.steadiness import delays, sure

Labelled = tuple[list[Image], dict[int, str]]


@pytest.fixture(scope="module")
def labelled(recognizer: fer_edge.Recognizer, shared: Callable[[str], Path]) -> Labelled:
    """Thirty stills, and the labels of those that are read with at least 0.8."""
    pictures = faces(shared("data/fer2013_folders.zip"), 30, seed=7)
    stills = [scene(one, 100, n) for n, one in enumerate(pictures)]
    return stills, sure(recognizer, stills, 0.8, sigma=0.0)


def test_stills_with_camera_noise_keep_their_label(shared: Callable[[str], Path]) -> None:
    """Ten stills for ten seconds; tests/measure/steadiness.py shows a hundred for a minute."""
    archive = shared("data/fer2013_folders.zip")
    recognizer, changes = fer_edge.Recognizer(), 0
    for number, face in enumerate(faces(archive, 10, seed=3)):
        tracker, camera = Tracker(recognizer), NoisyCamera(number)
        still = scene(face, 80 + 8 * number, number)
        told = [
            event
            for frame in camera.frames([still] * 150, 15.0)
            for event in tracker(frame)[1]
            if event.kind == "change"
        ]
        # The first label that a face gets is no flicker.
        changes += max(len(told) - 1, 0)
    assert changes == 0


@pytest.mark.parametrize("rate", [10.0, 15.0])
def test_a_switch_between_two_real_faces_is_followed(
    rate: float, recognizer: fer_edge.Recognizer, labelled: Labelled
) -> None:
    """Without noise; tests/measure/steadiness.py has a camera's."""
    late = sorted(delays(recognizer, *labelled, rate, 8, sigma=0.0))
    assert len(late) >= 50
    assert late[round(0.95 * len(late)) - 1] <= 0.25
