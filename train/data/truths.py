"""What answers are compared with: the dataset's labels, and what most people say."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from train.data.faces import Faces
from train.data.sources import Votes
from train.data.sources.votes import majority

TRUTHS = {
    "fer2013": "FER2013's labels",
    "ferplus": "FER+'s majority",
    "labels": "the dataset's labels",
}
"""For people."""


def truths_of(faces: Faces, votes: Votes | None) -> dict[str, npt.NDArray[np.int64]]:
    """The right answers by the name of the truth, (faces,) each; -1 where there is none.

    Raises:
        DatasetError: the votes belong to other faces.
    """
    truths = {faces.truth: faces.label}
    if votes is not None:
        truths["ferplus"] = majority(votes.of(faces), faces.labels)
    return truths
