"""The order in which faces are shown: shuffled anew each epoch, the same after a restart."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Batch = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]


def batches(
    images: npt.NDArray[np.uint8],
    targets: npt.NDArray[np.float32],
    size: int,
    seed: int,
    first_epoch: int,
) -> Iterator[Batch]:
    """Endless full batches; epoch e's order depends on seed and e alone.

    What is left over at an epoch's end is dropped: it is another remainder each time.
    """
    epoch = first_epoch
    while True:
        order = np.random.default_rng((seed, epoch)).permutation(len(images))
        for start in range(0, len(order) - size + 1, size):
            chosen = order[start : start + size]
            yield images[chosen].astype(np.float32), targets[chosen]
        epoch += 1
