"""FER+: the votes of ten people on each face of FER2013.

Barsoum et al., "Training Deep Networks for Facial Expression Recognition with Crowd-Sourced
Label Distribution", 2016 (arXiv:1608.01041).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from train.data.faces import FER2013_LABELS, SPLITS, Faces
from train.data.hashes import hash_of
from train.errors import DatasetError

COLUMN_OF = {
    "angry": "anger",
    "disgust": "disgust",
    "fear": "fear",
    "happy": "happiness",
    "sad": "sadness",
    "surprise": "surprise",
    "neutral": "neutral",
}
"""FER+'s name for each of FER2013's emotions."""
OTHER_ANSWERS = ("contempt", "unknown", "NF")
"""Answers other than the seven emotions: contempt, unknown, not a face."""
MINIMUM_VOTES = 3
"""Fewer votes than these for the seven emotions say too little about a face."""


@dataclass(frozen=True)
class Votes:
    """Counted answers for the rows of fer2013.csv."""

    counts: npt.NDArray[np.int64]
    """(rows, 10): FER2013_LABELS in their order, then OTHER_ANSWERS."""
    split: npt.NDArray[np.int64]
    """(rows,), indices into SPLITS."""
    source: str
    """The file's name."""
    sha256: str
    """The file's hash, in hexadecimal."""

    def of(self, faces: Faces) -> npt.NDArray[np.int64]:
        """The counts for some faces, (faces, 10).

        Raises:
            DatasetError: the faces do not come from the table that these votes go by.
        """
        if not faces.is_fer2013_table:
            raise DatasetError(
                "FER+ votes go by the rows of fer2013.csv, and these faces are not that table's: "
                "leave --votes out"
            )
        if faces.row.max() >= len(self.counts) or (self.split[faces.row] != faces.split).any():
            raise DatasetError(
                "the FER+ votes and the faces are not of the same fer2013.csv, or not in its "
                "splits (as in folds, or with data.also_public): leave --votes out"
            )
        return np.asarray(self.counts[faces.row], dtype=np.int64)


def read_votes(path: Path) -> Votes:
    """Read fer2013new.csv.

    Raises:
        DatasetError: missing, other columns, or a row that is not counts.
    """
    names = [COLUMN_OF[label] for label in FER2013_LABELS] + list(OTHER_ANSWERS)
    counts, split = [], []
    try:
        with path.open(encoding="utf-8-sig", newline="") as text:
            reader = csv.DictReader(text)
            missing = [name for name in [*names, "Usage"] if name not in (reader.fieldnames or [])]
            if missing:
                raise DatasetError(f"{path.name} lacks the FER+ columns {', '.join(missing)}")
            for number, row in enumerate(reader, start=1):
                try:
                    counts.append([_count(row[name]) for name in names])
                    split.append(_split(row["Usage"]))
                except ValueError as error:
                    raise DatasetError(f"{path.name}, row {number}: {error}") from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(f"{path} cannot be read as FER+ votes: {error}") from error
    if not counts:
        raise DatasetError(f"{path.name} holds no votes")
    return Votes(np.array(counts, np.int64), np.array(split, np.int64), path.name, hash_of(path))


def _count(text: str | None) -> int:
    if text is None or text.strip() not in {str(count) for count in range(11)}:
        raise ValueError(f"a count of votes must be 0..10, got {_told(text)}")
    return int(text)


def _split(text: str | None) -> int:
    if text not in SPLITS:
        raise ValueError(f"Usage must be one of {', '.join(SPLITS)}, got {_told(text)}")
    return SPLITS.index(text)


def _told(text: str | None) -> str:
    return "nothing: the row is too short" if text is None else repr(text[:20])


def shares(
    counts: npt.NDArray[np.int64], labels: tuple[str, ...] = FER2013_LABELS
) -> npt.NDArray[np.float32]:
    """Each emotion's share of the votes for some of the seven, (faces, len(labels)).

    A face with fewer than MINIMUM_VOTES of them gets a row of zeros.
    """
    counted = counts[:, [FER2013_LABELS.index(label) for label in labels]]
    total = counted.sum(axis=1, keepdims=True)
    enough = np.where(total >= MINIMUM_VOTES, counted, 0)
    return np.asarray(enough / np.maximum(total, 1), dtype=np.float32)


def majority(
    counts: npt.NDArray[np.int64], labels: tuple[str, ...] = FER2013_LABELS
) -> npt.NDArray[np.int64]:
    """What most people said, by the rule of FER+'s authors: indices into `labels`, (faces,).

    Single votes are dropped as slips. The winner must have more than half of what remains.
    It is -1 where nobody wins, or an answer that is not among `labels`.
    """
    kept = np.where(counts > 1, counts, 0)
    winner = kept.argmax(axis=1)
    wins = 2 * kept.max(axis=1) > kept.sum(axis=1)
    answers = (*FER2013_LABELS, *OTHER_ANSWERS)
    index = np.array([labels.index(name) if name in labels else -1 for name in answers])
    return np.where(wins, index[winner], -1).astype(np.int64)
