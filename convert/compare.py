"""What quantization costs: the float network and the int8 file, the latter through the runtime."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from convert.run import Run, TestFaces
from fer_edge.classifier import EmotionClassifier
from fer_edge.model_input import whole_picture

AT_ONCE = 64
"""Faces that are held at the network's size."""


@dataclass(frozen=True)
class Comparison:
    """One test split."""

    float_accuracy: dict[str, float]
    """By truth, 0..1."""
    int8_accuracy: dict[str, float]
    """Likewise, of the file through the runtime's classifier."""
    changed: int
    """Faces that the two answer differently."""
    faces: int
    """All of them."""

    @property
    def loss(self) -> float:
        """Points that the worse-off truth loses; negative where both gain."""
        return 100 * max(self.float_accuracy[t] - self.int8_accuracy[t] for t in self.int8_accuracy)


def compare(run: Run, classifier: EmotionClassifier) -> dict[str, Comparison]:
    """The float network of a run against the int8 file made from it, by test split."""
    return {split: _compare(run, classifier, tests) for split, tests in run.tests.items()}


def _compare(run: Run, classifier: EmotionClassifier, tests: TestFaces) -> Comparison:
    before, after = [], []
    for start in range(0, len(tests.images), AT_ONCE):
        some = tests.images[start : start + AT_ONCE]
        pixels = np.stack([whole_picture(image, run.card.input) for image in some])
        logits = run.network.predict_on_batch(pixels.astype(np.float32))
        before.append(np.asarray(logits).argmax(axis=1))
        after.append(classifier.probabilities(pixels).argmax(axis=1))
    return _comparison(np.concatenate(before), np.concatenate(after), tests)


def _comparison(
    before: npt.NDArray[np.int64], after: npt.NDArray[np.int64], tests: TestFaces
) -> Comparison:
    return Comparison(
        {truth: _accuracy(before, right) for truth, right in tests.truths.items()},
        {truth: _accuracy(after, right) for truth, right in tests.truths.items()},
        int((before != after).sum()),
        len(before),
    )


def _accuracy(said: npt.NDArray[np.int64], right: npt.NDArray[np.int64]) -> float:
    counted = right >= 0
    return float((said[counted] == right[counted]).mean())
