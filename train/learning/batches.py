"""The order in which faces are shown: shuffled anew each epoch, the same after a restart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from fer_edge.models.card import InputSpec
from train.data.inputs import inputs


@dataclass(frozen=True)
class Lesson:
    """Faces and what is to be said about them."""

    images: npt.NDArray[np.uint8]
    """(faces, height, width, channels), at the source's size."""
    targets: npt.NDArray[np.float32]
    """(faces, classes)."""
    weights: npt.NDArray[np.float32] | None
    """(faces,), how much each counts; None: all alike."""
    spec: InputSpec
    """What the network takes in."""
    heads: int = 1
    """The network's outputs, each of which learns the same."""

    def batch(self, chosen: npt.NDArray[np.int64]) -> tuple[Any, ...]:
        """Some of the faces as Keras takes them: pictures, targets, and weights if there are."""
        pictures = inputs(self.images[chosen], self.spec).astype(np.float32)
        parts = [self.targets] if self.weights is None else [self.targets, self.weights]
        several = [(part[chosen],) * self.heads for part in parts]
        return (pictures, *(each if self.heads > 1 else each[0] for each in several))


def batches(lesson: Lesson, size: int, seed: int, first_epoch: int) -> Iterator[tuple[Any, ...]]:
    """Endless full batches; epoch e's order depends on seed and e alone.

    What is left over at an epoch's end is dropped: it is another remainder each time.
    """
    epoch = first_epoch
    while True:
        order = np.random.default_rng((seed, epoch)).permutation(len(lesson.images))
        for start in range(0, len(order) - size + 1, size):
            yield lesson.batch(order[start : start + size])
        epoch += 1


def in_order(lesson: Lesson, size: int) -> Iterator[tuple[Any, ...]]:
    """All faces again and again, the last batch of each round smaller."""
    while True:
        for start in range(0, len(lesson.images), size):
            yield lesson.batch(np.arange(start, min(start + size, len(lesson.images))))
