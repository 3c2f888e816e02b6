"""Matrix scaling: calibrates logits by a matrix instead of a temperature.

A temperature makes all answers of a network less sure, or all of them surer. A matrix also knows
which emotions are confused with which. It is fitted to the likeliest, as in Guo et al., "On
Calibration of Modern Neural Networks", 2017 (arXiv:1706.04599), section 4.2, but without a bias. It
is held near the matrix that it starts from (L2), as strongly as cross-validation says.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import log_softmax
from sklearn.metrics import log_loss
from sklearn.model_selection import KFold

from train.emotion.measuring.inference import probabilities_of

Logits = npt.NDArray[np.float64]

STRENGTHS = (0.003, 0.01, 0.03, 0.1, 0.3)
"""Of L2, tried in cross-validation. Weaker ones let a matrix of 98 numbers overfit."""
PARTS = 5
"""Of the cross-validation."""


@dataclass(frozen=True)
class MatrixScaling:
    """A fitted matrix."""

    matrix: Logits
    """(features, classes): features times it are calibrated logits, but for the terms."""
    strength: float
    """The chosen one of STRENGTHS."""
    probabilities: Logits
    """(faces, classes): probabilities of the faces that it was fitted to. Each is of a matrix that
    was fitted without that face."""


def scaled(
    features: Logits, right: npt.NDArray[np.int64], start: Logits, terms: npt.NDArray[np.float64]
) -> MatrixScaling | None:
    """The matrix of the strength with the lowest cross-validated log loss.

    Args:
        features: (faces, features), the logits of one or several heads beside one another.
        right: (faces,), class numbers.
        start: (features, classes), the matrix that it is held near to.
        terms: (classes,), added to the logits, now and at runtime.

    Returns:
        None where faces are too few, or where no matrix has a lower loss than `start`.
    """
    classes = np.arange(start.shape[1])
    if len(right) < PARTS:
        return None
    least = log_loss(right, probabilities_of(features @ start, 1.0, terms), labels=classes)
    chosen = None
    for strength in STRENGTHS:
        probabilities = _cross_validated(features, right, start, terms, strength)
        loss = log_loss(right, probabilities, labels=classes)
        if loss < least:
            least, chosen = loss, (strength, probabilities)
    if chosen is None:
        return None
    return MatrixScaling(fitted(features, right, start, terms, chosen[0]), *chosen)


def fitted(
    features: Logits,
    right: npt.NDArray[np.int64],
    start: Logits,
    terms: npt.NDArray[np.float64],
    strength: float,
) -> Logits:
    """The likeliest matrix near `start`, (features, classes); see `scaled`."""
    wanted = np.eye(start.shape[1])[right]

    def loss(numbers: Logits) -> tuple[float, Logits]:
        """With its gradient; it is convex."""
        matrix = numbers.reshape(start.shape)
        log_probabilities = log_softmax(features @ matrix + terms, axis=1)
        away = matrix - start
        gradient = (
            features.T @ (np.exp(log_probabilities) - wanted) / len(right) + 2 * strength * away
        )
        value = -(log_probabilities * wanted).sum() / len(right) + strength * (away**2).sum()
        return float(value), gradient.ravel()

    found = minimize(loss, start.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": 1000})
    return np.asarray(found.x, np.float64).reshape(start.shape)


def _cross_validated(
    features: Logits,
    right: npt.NDArray[np.int64],
    start: Logits,
    terms: npt.NDArray[np.float64],
    strength: float,
) -> Logits:
    probabilities = np.empty((len(right), start.shape[1]))
    for some, others in KFold(PARTS, shuffle=True, random_state=1).split(features):
        matrix = fitted(features[some], right[some], start, terms, strength)
        probabilities[others] = probabilities_of(features[others] @ matrix, 1.0, terms)
    return probabilities
