"""The targets of each face: the dataset's label, people's votes, or both."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from train.data.faces import FER2013_LABELS, Faces
from train.data.sources.votes import Votes, shares
from train.errors import DatasetError


def targets(faces: Faces, votes: Votes | None, votes_weight: float) -> npt.NDArray[np.float32]:
    """Probabilities to learn, (faces, classes); each row adds up to 1.

    Args:
        faces: their labels count 1 - votes_weight, or all where too few people voted.
        votes: FER+'s, or none.
        votes_weight: 0..1, the share of the target that comes from the votes.

    Raises:
        DatasetError: the votes belong to other faces.
    """
    from_label = np.eye(len(faces.labels), dtype=np.float32)[faces.label]
    if votes is None or votes_weight == 0:
        return from_label
    if not set(faces.labels) <= set(FER2013_LABELS):
        raise DatasetError(
            f"FER+ votes are for {', '.join(FER2013_LABELS)}, the faces have other labels"
        )
    from_votes = shares(votes.of(faces), faces.labels)
    weight = votes_weight * (from_votes.sum(axis=1, keepdims=True) > 0)
    return np.asarray((1 - weight) * from_label + weight * from_votes, dtype=np.float32)
