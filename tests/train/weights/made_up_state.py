"""States of PyTorch networks with made-up weights that depend on their names alone.

The same numbers are made beside PyTorch, whose outputs are kept, and here, without it.
"""

from __future__ import annotations

import zlib

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]


def made_up(name: str, shape: tuple[int, ...]) -> Array:
    """The array of one name in a state."""
    random = np.random.default_rng(zlib.crc32(name.encode()))
    part = name.rsplit(".", 1)[1]
    if part == "running_var":
        return random.uniform(0.5, 2, shape).astype(np.float32)
    if part == "weight" and len(shape) == 1:
        return random.uniform(0.5, 1.5, shape).astype(np.float32)
    if part == "weight":
        inputs = float(np.prod(shape[1:]))
        return random.normal(0, np.sqrt(2 / inputs), shape).astype(np.float32)
    return random.normal(0, 0.1, shape).astype(np.float32)


def pictures() -> Array:
    """Two pictures, (2, 224, 224, 3), pixels 0..255."""
    return np.random.default_rng(1).uniform(0, 255, (2, 224, 224, 3)).astype(np.float32)
