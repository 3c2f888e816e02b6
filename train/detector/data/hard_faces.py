"""Chooses faces that are hard to find, and rare: turned away, bowed, or behind something."""

from __future__ import annotations

import numpy as np

from train.detector.data.pictures import Picture

TURNED_NOSE_EYE_DISTANCES = 0.35
"""A face counts as turned away from here on. Measured is how far the nose lies from the middle
between the eyes, along the line through them. The unit is the distance of the eyes. In FER2013, 4
of 100 faces that a detector marked are turned away.
"""


def is_hard(picture: Picture) -> bool:
    """Whether a face in it is turned away, or was too hard for the detector that marked them."""
    wanted = picture.landmarks[~picture.ignored]
    right_eyes, left_eyes, noses = wanted[:, 0], wanted[:, 1], wanted[:, 2]
    across = left_eyes - right_eyes
    away = ((noses - (right_eyes + left_eyes) / 2) * across).sum(axis=1)
    # Unknown landmarks are NaN, which is not below anything.
    straight = np.abs(away) < TURNED_NOSE_EYE_DISTANCES * (across**2).sum(axis=1)
    return not straight.all()
