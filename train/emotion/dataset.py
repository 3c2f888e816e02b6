"""The order in which faces are shown: shuffled anew each epoch, the same after a restart."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from fer_edge.models.card import InputSpec
from train.data.inputs import inputs


@dataclass(frozen=True)
class TrainingSet:
    """Faces and their targets."""

    images: npt.NDArray[np.uint8]
    """(faces, height, width, channels), at the source's size."""
    targets: tuple[npt.NDArray[np.float32], ...]
    """For each of the network's outputs, (faces, classes). NaN for faces without labels: for these
    only soft targets are learned."""
    weights: npt.NDArray[np.float32] | None
    """(faces,), how much each counts; None: all alike."""
    spec: InputSpec
    """The network's input."""
    soft_targets: npt.NDArray[np.float32] | None = None
    """(views, outputs, places in the epoch, classes): the teachers' probabilities for each view of
    a face; NaN where there are none."""
    face_targets: npt.NDArray[np.float32] | None = None
    """(outputs, faces, classes): their mean over all views of a face, in place of
    `soft_targets`; NaN where there are none."""
    teachers_weight: float = 0.0
    """The share of the target that comes from teachers, 0..1."""
    mixup: float = 0.0
    """How evenly faces are mixed in pairs: see `train.emotion.settings`; 0: not at all."""
    in_pairs: bool = False
    """Whether the second half of each batch shows the faces of the first half again."""

    @property
    def views(self) -> int:
        """After how many epochs the same pictures come again; 0: never."""
        return 0 if self.soft_targets is None else len(self.soft_targets)

    def batch(
        self,
        chosen: npt.NDArray[np.int64],
        taught: npt.NDArray[np.float32] | None = None,
        shares: npt.NDArray[np.floating] | None = None,
    ) -> tuple[Any, ...]:
        """Some of the faces as Keras takes them: pictures, targets, and weights if there are.

        Args:
            chosen: (faces,), which.
            taught: (outputs, faces, classes), the soft targets for these views of them.
            shares: (faces,), how much of each face is left. The face at the same place from the end
                is mixed into it (Zhang et al., "mixup", 2017, arXiv:1710.09412).
        """
        pictures = inputs(self.images[chosen], self.spec).astype(np.float32)
        wanted = tuple(some[chosen] for some in self.targets)
        if shares is not None:
            pictures = _mixed(pictures, shares)
            wanted = tuple(_mixed(some, shares) for some in wanted)
        if taught is not None:
            pairs = zip(wanted, taught, strict=True)
            wanted = tuple(self._together(own, theirs) for own, theirs in pairs)
        parts = [wanted]
        if self.weights is not None:
            parts.append((self.weights[chosen],) * len(wanted))
        return (pictures, *(part if len(part) > 1 else part[0] for part in parts))

    def _together(
        self, own: npt.NDArray[np.float32], theirs: npt.NDArray[np.float32]
    ) -> npt.NDArray[np.float32]:
        """The weighted mean of both targets; only one of them where the other is NaN."""
        both = (1 - self.teachers_weight) * own + self.teachers_weight * theirs
        return np.where(np.isnan(theirs), own, np.where(np.isnan(own), theirs, both))

    def taught(
        self, view: int, places: slice, faces: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.float32] | None:
        """The teachers' probabilities for a batch, (outputs, faces, classes); None without any.

        Args:
            view: which.
            places: in the epoch.
            faces: (faces,), their numbers.
        """
        if self.face_targets is not None:
            return self.face_targets[:, faces]
        return None if self.soft_targets is None else self.soft_targets[view, :, places]

    def order(self, seed: int, view: int, size: int) -> npt.NDArray[np.int64]:
        """The faces' numbers in the order in which a view shows them, full batches of `size`.

        The rest at the end is dropped: other faces in each epoch. In pairs, a view shows half of
        the faces, and the next view the other half.
        """
        count = len(self.images)
        kept = count // size * size
        if not self.in_pairs:
            return np.random.default_rng((seed, view)).permutation(count)[:kept]
        order = np.random.default_rng((seed, view // 2)).permutation(count)
        half = order[: kept // 2] if view % 2 == 0 else order[-kept // 2 :]
        firsts = half.reshape(-1, size // 2)
        return np.hstack([firsts, firsts]).ravel()


def batches(
    training_set: TrainingSet, size: int, seed: int, first_epoch: int
) -> Iterator[tuple[Any, ...]]:
    """Endless full batches; epoch e's order depends on seed and e (modulo the views) alone."""
    epoch = first_epoch
    while True:
        view = epoch % training_set.views if training_set.views else epoch
        order = training_set.order(seed, view, size)
        random = np.random.default_rng((seed, view, 1))
        for start in range(0, len(order), size):
            places = slice(start, start + size)
            taught = training_set.taught(view, places, order[places])
            shares = (
                random.beta(training_set.mixup, training_set.mixup, size)
                if training_set.mixup
                else None
            )
            yield training_set.batch(order[places], taught, shares)
        epoch += 1


def _mixed(
    some: npt.NDArray[np.float32], shares: npt.NDArray[np.floating]
) -> npt.NDArray[np.float32]:
    """(faces, …): each with its counterpart in the reversed order."""
    left = shares.reshape(-1, *[1] * (some.ndim - 1)).astype(np.float32)
    return left * some + (1 - left) * some[::-1]


class InOrder(keras.utils.PyDataset):
    """All faces from the first to the last, the last batch smaller.

    Not a generator: Keras loses batches of a generator between two validations.
    """

    def __init__(self, training_set: TrainingSet, size: int) -> None:
        super().__init__()
        self.training_set, self.size = training_set, size

    def __len__(self) -> int:
        return math.ceil(len(self.training_set.images) / self.size)

    def __getitem__(self, index: int) -> tuple[Any, ...]:
        start = index * self.size
        return self.training_set.batch(
            np.arange(start, min(start + self.size, len(self.training_set.images)))
        )
