"""Compares the float network with the int8 file, which is run through the runtime."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from convert.run import Run
from fer_edge.calibration_error import calibration_error
from fer_edge.classifier import EmotionClassifier
from fer_edge.handover import TestFaces
from fer_edge.model_input import whole_picture
from fer_edge.priors import prior_terms

FACES_AT_ONCE = 64
"""Faces that are held at the network's size."""


@dataclass(frozen=True)
class Comparison:
    """One test split."""

    float_accuracy: dict[str, float]
    """By truth, 0..1."""
    int8_accuracy: dict[str, float]
    """Likewise, of the file through the runtime's classifier."""
    calibration_error: dict[str, float]
    """Likewise, of the file: see `calibration_error`."""
    commonest: dict[str, float]
    """Likewise, the accuracy of always answering with the commonest emotion."""
    changed: int
    """Faces that the two answer differently."""
    faces: int
    """All of them."""

    @property
    def loss(self) -> float:
        """Points that the worse-off truth loses; negative where both gain."""
        return 100 * max(self.float_accuracy[t] - self.int8_accuracy[t] for t in self.int8_accuracy)

    @property
    def has_learned(self) -> bool:
        """Whether int8 is better than the commonest emotion alone, by some truth."""
        return any(self.int8_accuracy[truth] > share for truth, share in self.commonest.items())


def compare(run: Run, classifier: EmotionClassifier) -> dict[str, Comparison]:
    """The float network of a run against the int8 file made from it, by test split."""
    return {split: _compare(run, classifier, tests) for split, tests in run.data.tests.items()}


def _compare(run: Run, classifier: EmotionClassifier, tests: TestFaces) -> Comparison:
    before, after = [], []
    for start in range(0, len(tests.images), FACES_AT_ONCE):
        some = tests.images[start : start + FACES_AT_ONCE]
        pixels = np.stack([whole_picture(image, run.card.input) for image in some])
        logits = run.network.predict_on_batch(pixels.astype(np.float32))
        scaled = np.asarray(logits, np.float64) / run.card.temperature
        before.append(scaled + prior_terms(run.card, None))
        after.append(np.asarray(classifier.probabilities(pixels), np.float64))
    return _comparison(np.concatenate(before), np.concatenate(after), tests)


def _comparison(
    before: npt.NDArray[np.float64], after: npt.NDArray[np.float64], tests: TestFaces
) -> Comparison:
    """Of the float network's corrected logits and the file's probabilities, (faces, classes)."""
    said, quantized = before.argmax(axis=1), after.argmax(axis=1)
    truths = list(tests.truths.items())
    return Comparison(
        {truth: _accuracy(said, right) for truth, right in truths},
        {truth: _accuracy(quantized, right) for truth, right in truths},
        {truth: calibration_error(after[right >= 0], right[right >= 0]) for truth, right in truths},
        {truth: _commonest(right[right >= 0]) for truth, right in truths},
        int((said != quantized).sum()),
        len(said),
    )


def _accuracy(said: npt.NDArray[np.int64], right: npt.NDArray[np.int64]) -> float:
    counted = right >= 0
    return float((said[counted] == right[counted]).mean())


def _commonest(right: npt.NDArray[np.int64]) -> float:
    return float(np.bincount(right).max() / len(right))
