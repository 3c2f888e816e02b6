"""The weights of a network inside one of the same shape with more channels.

After Chen et al., "Net2Net", 2015 (arXiv:1511.05641), but with fresh channels beside the old ones
instead of copies of them, which would learn what the old ones know: at first the old channels hear
nothing of the fresh ones, so that they say what they said.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]


def fits_inside(shape: Sequence[int], wider: Sequence[int]) -> bool:
    """Whether a kernel, or a number for each channel, has a place in one with more channels."""
    if len(shape) != len(wider) or tuple(shape[:-2]) != tuple(wider[:-2]):
        return False
    return all(own <= room for own, room in zip(shape[-2:], wider[-2:], strict=True))


def widened(fresh: Array, own: Array) -> Array:
    """`own` as the first channels of `fresh`.

    Args:
        fresh: (…, more inputs, more outputs), a kernel's fresh weights; or (more channels,).
        own: likewise, with fewer.
    """
    made = fresh.copy()
    outputs = own.shape[-1]
    if own.ndim == 1:
        made[:outputs] = own
        return made
    inputs = own.shape[-2]
    made[..., :outputs] = 0
    made[..., :inputs, :outputs] = own
    return made
