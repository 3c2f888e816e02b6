"""Figures of a list of durations."""

from __future__ import annotations

import re
import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fer_edge.classifier import EmotionClassifier

MOST_FACES, FEWEST_FACES = 200, 20
"""Faces that a network is timed on."""
LONGEST_TIMING_SECONDS = 5.0
"""Seconds after which the timing ends early."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Durations of one stage, in milliseconds."""

    median: float
    """Half of them took longer."""
    p95: float
    """One in twenty took longer."""
    count: int
    """How many there are, 1 or more."""

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Timing:
        """From one or more durations in seconds."""
        median, p95 = np.percentile(np.asarray(seconds) * 1e3, [50, 95])
        return cls(round(float(median), 3), round(float(p95), 3), len(seconds))

    def __str__(self) -> str:
        return f"median {self.median:8.2f} ms, 95th percentile {self.p95:8.2f} ms"


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


def peak_memory_mb() -> float:
    """The most memory that this process has had resident so far, in 1e6 bytes."""
    status = Path("/proc/self/status")
    if status.exists():
        # Not getrusage: on Linux that counts what the parent had before it started this program.
        kibibytes = re.search(r"VmHWM:\s*(\d+) kB", status.read_text("utf-8"))
        if kibibytes:
            return int(kibibytes[1]) * 1024 / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
