"""Truths, which predictions are compared with: the dataset's labels, and FER+'s majority."""

from __future__ import annotations

import logging

import numpy as np
import numpy.typing as npt

from train.data.faces import SPLITS, Faces
from train.data.sources import Votes
from train.data.sources.votes import majority
from train.emotion.settings import HEADS, MIXED, Settings
from train.errors import DatasetError, RunError

log = logging.getLogger(__name__)

TRUTHS = {
    "fer2013": "FER2013's labels",
    "ferplus": "FER+'s majority",
    "labels": "the dataset's labels",
}
"""For people."""
TRUTH_OF_HEAD = dict(zip((*HEADS, *MIXED), ("ferplus", "labels") * 2, strict=True))
"""The truth of each of two heads, and of each mean of both."""


def truths_of(faces: Faces, split: str, votes: Votes | None) -> dict[str, npt.NDArray[np.int64]]:
    """The right answers to a split's faces by the name of the truth, (faces,) each; -1 where there
    is none. A majority that no face has is left out, with a warning.

    Args:
        faces: all splits, since they decide what the labels are called.
        split: one that has faces.
        votes: FER+'s, or none.

    Raises:
        DatasetError: the votes belong to other faces.
    """
    some = faces.only(split)
    truths = {faces.truth: some.label}
    if votes is not None:
        agreed = majority(votes.of(some), some.labels)
        if (agreed >= 0).any():
            truths["ferplus"] = agreed
        else:
            log.warning("FER+'s majority is left out: none of %s's faces has one", split)
    return truths


def truth_of(faces: Faces, votes: Votes | None, truth: str) -> npt.NDArray[np.int64]:
    """A network's right answers, (faces,); -1 where most people did not agree.

    Args:
        faces: some.
        votes: FER+'s, or none.
        truth: the dataset's label ("labels") or what most people said ("ferplus").

    Raises:
        DatasetError: the votes belong to other faces, or there are none where they are the truth.
            Or most people agreed on none of the faces.
    """
    if truth == "labels":
        return faces.label
    if votes is None:
        raise DatasetError("FER+'s majority needs FER+'s votes: add --votes")
    agreed = majority(votes.of(faces), faces.labels)
    if not (agreed >= 0).any():
        split = SPLITS[faces.split[0]]
        raise DatasetError(
            f"FER+'s majority is {' or '.join(faces.labels)} for none of {split}'s {len(faces)} "
            "faces: take more faces, or --truth labels"
        )
    return agreed


def truths_asked(settings: Settings, votes: Votes | None, truth: str | None) -> tuple[str, ...]:
    """The truth of each output of a run's network.

    Args:
        settings: of the run.
        votes: FER+'s, or none.
        truth: the chosen truth. If None, a head's own one; without heads FER+'s majority, if there
            are votes.

    Raises:
        RunError: one truth is asked for, and there are two heads.
    """
    if settings.network.two_heads and not settings.network.head:
        if truth:
            raise RunError("each of two heads has its own truth: leave --truth out")
        return tuple(TRUTH_OF_HEAD[head] for head in HEADS)
    return (
        truth or TRUTH_OF_HEAD.get(settings.network.head) or ("ferplus" if votes else "labels"),
    )
