"""Measures teachers, each and together, to choose them before a student is trained."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas

from train.data.faces import Faces
from train.data.inputs import in_parts
from train.data.sources import Votes
from train.emotion.distillation.teacher import Teacher, ask, together
from train.emotion.measuring.metrics import share_right
from train.emotion.settings import HEADS
from train.emotion.truths import TRUTH_OF_HEAD, TRUTHS, truth_of


def accuracies_of(teachers: dict[Path, Teacher], faces: Faces, votes: Votes) -> pandas.DataFrame:
    """The accuracies of the soft targets that a student with two heads would get, on PublicTest.

    Args:
        teachers: by run folder, of the faces' classes and of the same pictures.
        faces: all splits.
        votes: FER+'s.

    Returns:
        A row for each teacher and one for their mean, a column for each head, 0..1. NaN for a head
        that a teacher does not have.

    Raises:
        DatasetError: votes of other faces, or no PublicTest.
    """
    some = faces.only("PublicTest")
    spec = next(iter(teachers.values())).card.input
    said = np.concatenate(
        [
            ask(list(teachers.values()), len(HEADS), part.astype(np.float32))
            for part in in_parts(some.images, spec)
        ],
        axis=2,
    )
    answers = {str(path): each for path, each in zip(teachers, said, strict=True)}
    truths = {
        TRUTHS[truth]: truth_of(some, votes, truth)
        for truth in map(TRUTH_OF_HEAD.__getitem__, HEADS)
    }
    rows = {
        name: [_accuracy(one, truth) for one, truth in zip(heads, truths.values(), strict=True)]
        for name, heads in {**answers, "together": together(said)}.items()
    }
    return pandas.DataFrame.from_dict(rows, orient="index", columns=list(truths))


def _accuracy(probabilities: npt.NDArray[np.floating], expected: npt.NDArray[np.int64]) -> float:
    if np.isnan(probabilities).any():
        return np.nan
    return share_right(probabilities.argmax(axis=1), expected)
