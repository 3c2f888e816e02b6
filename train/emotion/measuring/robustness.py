"""Measures a model under corruptions and on other datasets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas

from train.data.faces import Faces
from train.data.near_duplicates import near_duplicates
from train.data.sources import Votes
from train.emotion.measuring.corruptions import UNCORRUPTED, corruptions
from train.emotion.measuring.metrics import share_right
from train.emotion.measuring.reader import Reader, label_numbers, likeliest, numbered_for
from train.emotion.truths import truths_of


@dataclass(frozen=True)
class Robustness:
    """A model's figures on a test split."""

    accuracies: pandas.DataFrame
    """A row for each corruption, and one for the faces without near-duplicates in earlier splits.
    Its name is in `faces`, and the accuracy, 0..1, in a column for each truth."""
    confusion: dict[str, pandas.DataFrame]
    """By truth, the emotion of uncorrupted faces (rows) and its prediction (columns). A row's
    shares add up to 1, or to 0 if there is no such face."""


def robustness(reader: Reader, faces: Faces, votes: Votes | None, split: str) -> Robustness:
    """Measure a model under each corruption, and on the faces without near-duplicates in earlier
    splits, from which networks learn or are chosen.

    Raises:
        DatasetError: no such split, or emotions that the model does not know.
    """
    faces = numbered_for(reader.card, faces)
    tested, truths = faces.only(split), truths_of(faces, split, votes)
    said = {
        name: likeliest(reader, corrupt(tested.images)) for name, corrupt in corruptions().items()
    }
    uncorrupted = said[UNCORRUPTED]
    rows = [{"faces": name, **_accuracies(answers, truths)} for name, answers in said.items()]
    new = ~near_duplicates(faces, split)
    seen_once = {truth: np.where(new, expected, -1) for truth, expected in truths.items()}
    name = f"without {(~new).sum()} seen before it"
    rows.append({"faces": name, **_accuracies(uncorrupted, seen_once)})
    told = {
        truth: _confusion(uncorrupted, expected, tested.labels)
        for truth, expected in truths.items()
    }
    return Robustness(pandas.DataFrame(rows), told)


def transfer(reader: Reader, faces: Faces) -> dict[str, Any]:
    """Accuracy and recall by emotion on all faces of another dataset, over shared emotions.

    The model may answer anything it knows; faces of emotions that it does not know are left out.

    Raises:
        DatasetError: no emotion in common.
    """
    known = reader.card.labels
    expected = label_numbers(faces, known)
    some = faces.where(expected >= 0, "emotions that the model knows")
    expected = expected[expected >= 0]
    right = likeliest(reader, some.images) == expected
    recall = {known[n]: float(right[expected == n].mean()) for n in sorted(set(expected.tolist()))}
    return {"faces": len(expected), "accuracy": float(right.mean()), "recall": recall}


def _confusion(
    said: npt.NDArray[np.int64], expected: npt.NDArray[np.int64], labels: tuple[str, ...]
) -> pandas.DataFrame:
    names, known = np.array(labels), expected >= 0
    table = pandas.crosstab(names[expected[known]], names[said[known]], normalize="index")
    return table.reindex(index=names, columns=names, fill_value=0.0)


def _accuracies(
    said: npt.NDArray[np.int64], truths: dict[str, npt.NDArray[np.int64]]
) -> dict[str, float]:
    return {truth: share_right(said, expected) for truth, expected in truths.items()}
