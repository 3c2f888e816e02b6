"""Chooses faces that are hard to find, and rare: turned away, bowed, or behind something."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from train.detector.data.pictures import Picture

TURNED_NOSE_EYE_DISTANCES = 0.35
"""A face counts as turned away from here on. Measured is how far the nose lies from the middle
between the eyes, along the line through them. The unit is the distance of the eyes. In FER2013, 4
of 100 faces that a detector marked are turned away.
"""


def is_hard(picture: Picture) -> bool:
    """Whether a face in it is turned away, or was too hard for the detector that marked them."""
    # Unknown landmarks are NaN, which is not below anything.
    offsets = np.abs(nose_offsets(picture.landmarks[~picture.ignored]))
    return not (offsets < TURNED_NOSE_EYE_DISTANCES).all()


def nose_offsets(landmarks: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """How far noses lie from the middle between the eyes, towards the person's left eye.

    Args:
        landmarks: (faces, 5, 2), in pixels, in the runtime's order.

    Returns:
        (faces,), along the line through the eyes, in distances of the eyes; NaN where unknown.
    """
    right_eyes, left_eyes, noses = landmarks[:, 0], landmarks[:, 1], landmarks[:, 2]
    across = left_eyes - right_eyes
    away = ((noses - (right_eyes + left_eyes) / 2) * across).sum(axis=1)
    # Eyes that meet in one pixel are of a profile.
    return np.asarray(away / np.maximum((across**2).sum(axis=1), 1e-6))
