"""Labelled faces in memory: what every source is read into."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from train.errors import DatasetError

SPLITS = ("Training", "PublicTest", "PrivateTest")
"""FER2013's own names: to learn from, to select on, and to report on once."""
USUAL_FOLDERS = ("train", "val", "test")
"""What they are called in folders of pictures."""

FER2013_LABELS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
"""In the order of their numbers there."""


@dataclass(frozen=True)
class Faces:
    """Faces of one source or split, all of one size."""

    images: npt.NDArray[np.uint8]
    """(faces, height, width, channels), values 0..255."""
    label: npt.NDArray[np.int64]
    """(faces,), indices into `labels`."""
    split: npt.NDArray[np.int64]
    """(faces,), indices into `SPLITS`."""
    labels: tuple[str, ...]
    """The emotions' names."""
    row: npt.NDArray[np.int64]
    """(faces,), each face's position in its source, from 0: what FER+'s votes go by."""
    person: npt.NDArray[np.int64]
    """(faces,), one number for all faces of one person; -1 where the source does not say."""
    is_fer2013_table: bool
    """Whether rows are those of fer2013.csv, so that FER+'s votes belong to them."""
    is_fer2013: bool = False
    """Whether its files are named as FER2013's, so that its labels are FER2013's."""
    skipped: int = 0
    """How many bad rows or pictures of its source were left out."""
    remarks: tuple[str, ...] = ()
    """What else is to be known of the source, for people: a line each."""

    def __len__(self) -> int:
        return len(self.label)

    @property
    def truth(self) -> str:
        """What its labels are called in figures: "fer2013" or "labels".

        They are "fer2013" if it is FER2013, with all its classes and a test split, so that figures
        can be compared with others'.
        """
        is_whole = self.labels == FER2013_LABELS and self.has("PrivateTest")
        return "fer2013" if self.is_fer2013 and is_whole else "labels"

    def has(self, split: str) -> bool:
        """Whether a split has any faces."""
        return bool((self.split == SPLITS.index(split)).any())

    def only(self, split: str) -> Faces:
        """The faces of one split.

        Raises:
            DatasetError: it has none.
        """
        number = SPLITS.index(split)
        what = f"the split {split} ({USUAL_FOLDERS[number]} in folders of pictures)"
        return self.where(self.split == number, what)

    def where(self, mask: npt.NDArray[np.bool_], what: str) -> Faces:
        """The faces that a boolean mask selects; `what` names them in the error.

        Raises:
            DatasetError: there are none.
        """
        if not mask.any():
            raise DatasetError(f"{what} has no faces")
        return dataclasses.replace(
            self,
            images=self.images[mask],
            label=self.label[mask],
            split=self.split[mask],
            row=self.row[mask],
            person=self.person[mask],
        )
