"""How long a classifier takes for a face on this machine."""

from __future__ import annotations

import time

import numpy as np

from fer_edge.classifier import EmotionClassifier

MOST_FACES, FEWEST_FACES = 200, 20
"""Faces that a network is timed on."""
LONGEST_TIMING_SECONDS = 5.0
"""Seconds after which the timing ends early."""


def milliseconds_a_face(classifier: EmotionClassifier) -> float:
    """The median for one face at a time, after warm-up, on the threads that it was loaded with."""
    spec = classifier.card.input
    shape = (1, spec.height, spec.width, spec.channels)
    noise = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    seconds: list[float] = []
    while len(seconds) < MOST_FACES and (
        sum(seconds) < LONGEST_TIMING_SECONDS or len(seconds) < FEWEST_FACES
    ):
        began = time.perf_counter()
        classifier.probabilities(noise)
        seconds.append(time.perf_counter() - began)
    return float(np.median(seconds[len(seconds) // 10 :]) * 1e3)
