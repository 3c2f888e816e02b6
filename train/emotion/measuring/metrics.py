"""Figures of a network's predictions for faces with known right answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.calibration import calibration_curve
from sklearn.metrics import accuracy_score, classification_report, log_loss

from fer_edge.calibration_error import CONFIDENCE_BINS, calibration_error


@dataclass(frozen=True)
class Answered:
    """Faces, right answers, and the network's predictions."""

    title: str
    """What they are, for people."""
    labels: tuple[str, ...]
    """The emotions."""
    images: npt.NDArray[np.uint8]
    """(faces, height, width, channels), as the source has them."""
    expected: npt.NDArray[np.int64]
    """(faces,), indices into `labels`."""
    probabilities: npt.NDArray[np.float64]
    """(faces, classes); each row adds up to 1."""

    @property
    def said(self) -> npt.NDArray[np.int64]:
        """(faces,), the likeliest answers."""
        return np.asarray(self.probabilities.argmax(axis=1), np.int64)

    @property
    def right(self) -> npt.NDArray[np.bool_]:
        """(faces,), whether the likeliest answer is the expected one."""
        return np.asarray(self.said == self.expected)


@dataclass(frozen=True)
class Reliability:
    """How often answers of a given confidence are right, for the bins that have any."""

    confidence: npt.NDArray[np.float64]
    """(bins,), the mean probability of the likeliest answer, 0..1."""
    accuracy: npt.NDArray[np.float64]
    """(bins,), the fraction of them that is right."""
    share: npt.NDArray[np.float64]
    """(bins,), the fraction of all faces."""


def share_right(said: npt.NDArray[np.int64], expected: npt.NDArray[np.int64]) -> float:
    """The fraction of right predictions, 0..1, among faces with a right answer (not -1); NaN where
    there are none."""
    right = (said == expected)[expected >= 0]
    return float(right.mean()) if len(right) else float("nan")


def measure(tested: Answered) -> dict[str, Any]:
    """scikit-learn's classification report, with accuracy, loss (nats), calibration_error and
    faces.
    """
    numbers = range(len(tested.labels))
    report: dict[str, Any] = classification_report(
        tested.expected,
        tested.said,
        labels=numbers,
        target_names=tested.labels,
        output_dict=True,
        zero_division=0,
    )
    return {
        **report,
        "accuracy": float(accuracy_score(tested.expected, tested.said)),
        "loss": float(log_loss(tested.expected, tested.probabilities, labels=numbers)),
        "calibration_error": calibration_error(tested.probabilities, tested.expected),
        "faces": len(tested.expected),
    }


def reliability(tested: Answered) -> Reliability:
    """Confidence against accuracy in CONFIDENCE_BINS equal bins."""
    confidence = np.clip(tested.probabilities.max(axis=1), 0, 1)
    accuracy, mean = calibration_curve(tested.right, confidence, n_bins=CONFIDENCE_BINS)
    # The bins as scikit-learn draws them, to know how many faces are in each.
    numbers = np.searchsorted(np.linspace(0, 1, CONFIDENCE_BINS + 1)[1:-1], confidence)
    counts = np.bincount(numbers, minlength=CONFIDENCE_BINS)
    return Reliability(mean, accuracy, counts[counts > 0] / len(confidence))
