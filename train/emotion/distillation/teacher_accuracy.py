"""Measures teachers, each and together, to choose them before a student is trained."""

from __future__ import annotations

from collections.abc import Sequence
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


def accuracies_of(
    teachers: Sequence[tuple[Path, Teacher]], faces: Faces, votes: Votes
) -> pandas.DataFrame:
    """The accuracies of the soft targets that a student with two heads would get, on PublicTest.

    Args:
        teachers: run folders and teachers, of the faces' classes and of the same pictures. One that
            stands twice counts twice, as for a student.
        faces: all splits.
        votes: FER+'s.

    Returns:
        A row for each teacher and one for their mean, a column for each head, 0..1. NaN for a head
        that a teacher does not have.

    Raises:
        DatasetError: votes of other faces, or no PublicTest.
    """
    some = faces.only("PublicTest")
    folders, networks = zip(*teachers, strict=True)
    spec = networks[0].card.input
    said = np.concatenate(
        [
            ask(list(networks), len(HEADS), part.astype(np.float32))
            for part in in_parts(some.images, spec)
        ],
        axis=2,
    )
    truths = {
        TRUTHS[truth]: truth_of(some, votes, truth)
        for truth in map(TRUTH_OF_HEAD.__getitem__, HEADS)
    }
    rows = [
        [_accuracy(one, truth) for one, truth in zip(heads, truths.values(), strict=True)]
        for heads in (*said, together(said))
    ]
    names = [*map(str, folders), "together"]
    return pandas.DataFrame(rows, index=names, columns=list(truths))


def _accuracy(probabilities: npt.NDArray[np.floating], expected: npt.NDArray[np.int64]) -> float:
    if np.isnan(probabilities).any():
        return np.nan
    return share_right(probabilities.argmax(axis=1), expected)
