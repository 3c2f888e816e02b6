"""How far a model's confidence is from how often it is right: for training and conversion."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

CONFIDENCE_BINS = 15
"""Of confidence, from 0 to 1."""


def calibration_error(
    probabilities: npt.NDArray[np.floating], right: npt.NDArray[np.int64]
) -> float:
    """The expected calibration error, 0..1 (Guo et al. 2017, arXiv:1706.04599, equation 3).

    Args:
        probabilities: (faces, classes).
        right: (faces,), class numbers.
    """
    confidence = probabilities.max(axis=1)
    is_right = probabilities.argmax(axis=1) == right
    bins = np.searchsorted(np.linspace(0, 1, CONFIDENCE_BINS + 1)[1:-1], confidence)
    gaps = np.bincount(bins, confidence - is_right, minlength=CONFIDENCE_BINS)
    return float(np.abs(gaps).sum() / len(right))
