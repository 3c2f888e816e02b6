"""The measure of a detector's framing."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from fer_edge.classifier import EmotionClassifier
from fer_edge.detectors.checked import checked_detections
from fer_edge.emotion import Emotion
from fer_edge.face import Box, Detection
from train.data.faces import FER2013_LABELS, SPLITS, Faces
from train.data.sources import Votes
from train.emotion.measuring.framing import (
    LEANS_DEGREES,
    _leaning,
    measure_framing,
    measure_leaning,
)

SHADES = {label: 20 + 30 * number for number, label in enumerate(FER2013_LABELS)}
"""Each emotion's faces are of one grey, so that a reader can be right about all of them."""


class RightReader(EmotionClassifier):
    """Reads such faces, and numbers emotions in another order than FER2013."""

    def __init__(self) -> None:
        super().__init__("nano")
        self.card = dataclasses.replace(self.card, labels=tuple(sorted(FER2013_LABELS)[::-1]))

    def read(self, image: npt.NDArray[np.uint8], faces: Sequence[Detection]) -> tuple[Emotion, ...]:
        """By the pixel in the middle of each face's box."""
        middles = [
            image[int(one.box.y + one.box.height / 2), int(one.box.x + one.box.width / 2)]
            for one in faces
        ]
        return tuple(Emotion(label, 1.0, {label: 1.0}) for label in map(_emotion, middles))

    def probabilities(self, batch: npt.NDArray[np.uint8]) -> npt.NDArray[np.floating]:
        """Likewise of whole pictures."""
        numbers = [self.card.labels.index(_emotion(face[24, 24, 0])) for face in batch]
        return np.eye(len(self.card.labels))[numbers]


class Everywhere:
    """Finds faces of three sizes at each twentieth pixel."""

    colour = "grey"

    def detect(self, image: npt.NDArray[np.uint8]) -> list[Detection]:
        """The one at the pasted face is the nearest to it."""
        height, width = image.shape
        boxes = [
            Box(x, y, side, side)
            for side in (75, 105, 145)
            for x in range(0, width - side, 20)
            for y in range(0, height - side, 20)
        ]
        return [Detection(box, box, 0.9) for box in boxes]


def test_a_leaning_square_is_a_detection_that_leans() -> None:
    for lean in LEANS_DEGREES:
        (one,) = checked_detections([_leaning(Box(10, 20, 100, 100), lean)], "the measure")
        assert one.roll == pytest.approx(lean)
        assert one.square == Box(10, 20, 100, 100)


def test_a_reader_that_is_always_right_is_told_so_whatever_its_numbers(
    capsys: pytest.CaptureFixture[str],
) -> None:
    faces, votes = shaded_faces(), unanimous(len(FER2013_LABELS))
    measure_framing(faces, votes, Everywhere(), RightReader(), seed=1)
    measure_leaning(faces, votes, Everywhere(), RightReader(), seed=1)
    lines = capsys.readouterr().out.splitlines()
    titles = ("the dataset's labels", "FER+'s majority")
    for title in titles:
        (own,) = [line for line in lines if line.startswith(f"accuracy by {title}")]
        assert own.endswith(" 100.0%")
    grids = [line for line in lines if line[:11].strip() in ("0.80", "1.00", "1.30")]
    assert len(grids) == 2 * 3
    leaning = [line for line in lines if any(title in line for title in titles) and "°" in line]
    assert len(leaning) == 2 * len(LEANS_DEGREES)
    for line in grids + leaning:
        assert line.count("100.0%") == line.count(".0%"), line
        assert "100.0%" in line


def _emotion(shade: np.integer) -> str:
    return min(SHADES, key=lambda label: abs(SHADES[label] - int(shade)))


def shaded_faces() -> Faces:
    """PublicTest's, one of each emotion."""
    shades = np.array(list(SHADES.values()), np.uint8)
    count = len(shades)
    return Faces(
        images=np.broadcast_to(shades[:, None, None, None], (count, 48, 48, 1)).copy(),
        label=np.arange(count),
        split=np.full(count, SPLITS.index("PublicTest")),
        labels=FER2013_LABELS,
        row=np.arange(count),
        person=np.full(count, -1),
        is_fer2013_table=True,
    )


def unanimous(count: int) -> Votes:
    """All ten votes for the label."""
    counts = np.zeros((count, 10), np.int64)
    counts[np.arange(count), np.arange(count)] = 10
    return Votes(counts, np.full(count, SPLITS.index("PublicTest")), "votes.csv", "0" * 64)
