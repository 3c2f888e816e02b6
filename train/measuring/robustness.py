"""How well a model holds up outside its dataset, through the runtime's own classifier."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas

from fer_edge.classifier import EmotionClassifier
from train.data.faces import Faces
from train.data.inputs import in_parts
from train.data.sources import Votes
from train.data.truths import truths_of
from train.data.twins import twins
from train.errors import DatasetError
from train.measuring.disturbances import disturbances
from train.measuring.measures import share_right


def robustness(
    classifier: EmotionClassifier, faces: Faces, votes: Votes | None, split: str
) -> pandas.DataFrame:
    """Accuracy on a test split under each disturbance, 0..1, by truth; and without the faces that
    also occur in a split before it, from which a network learns or is chosen.

    Raises:
        DatasetError: no such split, or other classes than the model's.
    """
    tested, truths = _tested(classifier, faces, votes, split)
    rows = [
        {"faces": name, **_accuracies(_said(classifier, disturb(tested.images)), truths)}
        for name, disturb in disturbances().items()
    ]
    new = ~twins(faces, split)
    seen_once = {truth: np.where(new, expected, -1) for truth, expected in truths.items()}
    name = f"without {(~new).sum()} seen before it"
    rows.append({"faces": name, **_accuracies(_said(classifier, tested.images), seen_once)})
    return pandas.DataFrame(rows)


def told_as(
    classifier: EmotionClassifier, faces: Faces, votes: Votes | None, split: str
) -> dict[str, pandas.DataFrame]:
    """What a test split's faces of each emotion are told as, by truth: a row's shares add up to 1,
    or to 0 where there is no such face.

    Raises:
        DatasetError: no such split, or other classes than the model's.
    """
    tested, truths = _tested(classifier, faces, votes, split)
    names = np.array(tested.labels)
    said = names[_said(classifier, tested.images)]
    tables = {}
    for truth, expected in truths.items():
        known = expected >= 0
        table = pandas.crosstab(names[expected[known]], said[known], normalize="index")
        tables[truth] = table.reindex(index=names, columns=names, fill_value=0.0)
    return tables


def _tested(
    classifier: EmotionClassifier, faces: Faces, votes: Votes | None, split: str
) -> tuple[Faces, dict[str, npt.NDArray[np.int64]]]:
    """The split, and by truth the numbers of its faces' emotions, -1 where there is none."""
    tested = faces.only(split)
    if tested.labels != classifier.card.labels:
        raise DatasetError(
            f"the model knows {', '.join(classifier.card.labels)}, the faces are "
            f"{', '.join(tested.labels)}"
        )
    return tested, truths_of(faces, split, votes)


def transfer(classifier: EmotionClassifier, faces: Faces) -> dict[str, Any]:
    """Accuracy and recall by emotion on all faces of another dataset, over shared emotions.

    The model may answer anything it knows; faces of emotions that it does not know are left out.

    Raises:
        DatasetError: no emotion in common.
    """
    known = classifier.card.labels
    number = np.array([known.index(name) if name in known else -1 for name in faces.labels])
    expected = number[faces.label]
    some = faces.where(expected >= 0, "emotions that the model knows")
    expected = expected[expected >= 0]
    right = _said(classifier, some.images) == expected
    recall = {known[n]: float(right[expected == n].mean()) for n in sorted(set(expected.tolist()))}
    return {"faces": len(expected), "accuracy": float(right.mean()), "recall": recall}


def _accuracies(
    said: npt.NDArray[np.int64], truths: dict[str, npt.NDArray[np.int64]]
) -> dict[str, float]:
    return {truth: share_right(said, expected) for truth, expected in truths.items()}


def _said(classifier: EmotionClassifier, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    parts = in_parts(images, classifier.card.input)
    return np.concatenate([classifier.probabilities(part).argmax(axis=1) for part in parts])
