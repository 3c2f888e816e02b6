"""The shipped models, measured: through the runtime's classifier, on faces that nobody chose by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from fer_edge import EmotionClassifier
from fer_edge.calibration_error import calibration_error
from tests.train.conftest import WholeFer2013
from train.data.faces import Faces
from train.data.sources import read_votes
from train.data.sources.votes import majority
from train.emotion.measuring.metrics import Answered

LEAST = {
    "large": ("ferplus", 0.878, 0.04),
    "large-fer2013": ("fer2013", 0.73, 0.04),
    "edge": ("ferplus", 0.865, 0.04),
    "edge-fer2013": ("fer2013", 0.715, 0.04),
    "nano": ("ferplus", 0.84, 0.04),
}
"""Each model's truth, how often it must be right, and the largest calibration error."""


@dataclass(frozen=True)
class PrivateTest:
    """The faces that nobody chose by, and what is right."""

    faces: Faces
    """All of it."""
    truths: dict[str, npt.NDArray[np.int64]]
    """What is right, by truth; -1 where nothing is."""
    data: str
    """The hash of the file that it came from."""


@pytest.fixture(scope="module")
def tested(shared: Callable[[str], Path], whole: WholeFer2013) -> PrivateTest:
    private = whole.data.faces.only("PrivateTest")
    people = majority(read_votes(shared("data/fer2013new.csv")).of(private))
    return PrivateTest(private, {"fer2013": private.label, "ferplus": people}, whole.data.sha256)


@pytest.mark.parametrize("name", LEAST)
def test_a_shipped_model_is_as_good_as_its_card_says(name: str, tested: PrivateTest) -> None:
    classifier = EmotionClassifier(name)
    card = classifier.card
    assert card.labels == tested.faces.labels
    assert card.origin["data"]["sha256"] == tested.data

    said = classifier.probabilities(tested.faces.images).astype(np.float64)
    for truth, right in tested.truths.items():
        known = right >= 0
        images = tested.faces.images[known]
        answered = Answered(truth, card.labels, images, right[known], said[known])
        accuracy, error = (
            float(answered.right.mean()),
            calibration_error(answered.probabilities, answered.expected),
        )
        # The other interpreter, or a newer one, may round a few faces to another answer.
        assert accuracy == pytest.approx(card.accuracy["int8"][truth], abs=0.003)
        if truth == LEAST[name][0]:
            assert accuracy >= LEAST[name][1]
            assert error <= LEAST[name][2]
            assert error == pytest.approx(card.calibration_error[truth], abs=0.005)
