"""Steady labels of real faces, through the whole pipeline: they stay, and they follow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import fer_edge
from fer_edge.pictures.image import Image
from tests.measure.scenes import faces, scene
from tests.measure.steadiness import changes, delays, sure

Labelled = tuple[list[Image], dict[int, str]]


@pytest.fixture(scope="module")
def quick() -> fer_edge.Recognizer:
    """Finds faces of 50 pixels here: with tflite-runtime a PC takes 29 ms for the usual copy."""
    return fer_edge.Recognizer(detection_side=160)


@pytest.fixture(scope="module")
def labelled(quick: fer_edge.Recognizer, shared: Callable[[str], Path]) -> Labelled:
    """Thirty stills, and the labels of those that are read with at least 0.8."""
    pictures = faces(shared("data/fer2013_folders.zip"), 30, seed=7)
    stills = [scene(one, 100, n) for n, one in enumerate(pictures)]
    return stills, sure(quick, stills, 0.8, sigma=0.0)


def test_stills_with_camera_noise_keep_their_label(shared: Callable[[str], Path]) -> None:
    """Ten stills for ten seconds; tests/measure/steadiness.py shows a hundred for a minute."""
    archive = shared("data/fer2013_folders.zip")
    recognizer = fer_edge.Recognizer()
    counted = [
        changes(recognizer, scene(face, 80 + 8 * number, number), 10.0, number)
        for number, face in enumerate(faces(archive, 10, seed=3))
    ]
    assert sum(changed for changed, _ in counted) == 0
    # A face may be lost for a moment, and is a new track then.
    assert sum(tracks for _, tracks in counted) <= 12


@pytest.mark.parametrize("rate", [10.0, 15.0])
def test_a_switch_between_two_real_faces_is_followed(
    rate: float, quick: fer_edge.Recognizer, labelled: Labelled
) -> None:
    """Without noise; tests/measure/steadiness.py has a camera's."""
    late = sorted(delays(quick, *labelled, rate, 40, sigma=0.0))
    assert len(late) >= 250
    assert late[round(0.95 * len(late)) - 1] <= 0.25
