"""Faces at the size and in the colour that a network takes: a few at a time, as they are needed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from fer_edge.model_input import whole_picture
from fer_edge.models.card import InputSpec

FACES_AT_ONCE = 256
"""Faces that are held at the network's size."""


def inputs(images: npt.NDArray[np.uint8], spec: InputSpec) -> npt.NDArray[np.uint8]:
    """Whole pictures through the runtime's own `whole_picture`.

    Args:
        images: (faces, height, width, channels), faces from hair line to chin.
        spec: the network's input.

    Returns:
        (faces, spec.height, spec.width, spec.channels).
    """
    if images.shape[1:] == (spec.height, spec.width, spec.channels) and spec.margin == 0:
        return images
    return np.stack([whole_picture(image, spec) for image in images])


def in_parts(images: npt.NDArray[np.uint8], spec: InputSpec) -> Iterator[npt.NDArray[np.uint8]]:
    """All of them, FACES_AT_ONCE at a time."""
    for start in range(0, len(images), FACES_AT_ONCE):
        yield inputs(images[start : start + FACES_AT_ONCE], spec)
