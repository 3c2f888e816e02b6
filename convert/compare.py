"""What quantization costs: the float network and the int8 file, the latter through the runtime."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from convert.run import Run, TestFaces
from fer_edge.classifier import EmotionClassifier

REPEATS = 200


@dataclass(frozen=True)
class Comparison:
    """One test split."""

    float_accuracy: dict[str, float]
    """By truth ("fer2013", "ferplus"), 0..1."""
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
    logits = run.network.predict(tests.images.astype(np.float32), batch_size=512, verbose=0)
    before = logits.argmax(axis=1)
    after = classifier.probabilities(tests.images).argmax(axis=1)
    return Comparison(
        {truth: _accuracy(before, right) for truth, right in tests.truths.items()},
        {truth: _accuracy(after, right) for truth, right in tests.truths.items()},
        int((before != after).sum()),
        len(before),
    )


def _accuracy(said: npt.NDArray[np.int64], right: npt.NDArray[np.int64]) -> float:
    counted = right >= 0
    return float((said[counted] == right[counted]).mean())


def milliseconds(classifier: EmotionClassifier, images: npt.NDArray[np.uint8]) -> float:
    """The median time of one face on one thread, after warm-up."""
    seconds = []
    for number in range(REPEATS):
        face = images[number % len(images)][np.newaxis]
        began = time.perf_counter()
        classifier.probabilities(face)
        seconds.append(time.perf_counter() - began)
    return float(np.median(seconds[REPEATS // 10 :]) * 1e3)
