"""Which faces of a dataset a run learns from and is tested on: classes, splits, sample, folds."""

from __future__ import annotations

import dataclasses
import logging
import warnings
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import StratifiedGroupKFold, train_test_split

from train.data.faces import SPLITS, Faces
from train.data.held_out import joined, part_of
from train.data.near_duplicates import groups_of
from train.emotion.run import EmotionRun
from train.emotion.settings import Settings
from train.errors import DatasetError, RunError

log = logging.getLogger(__name__)

FOLDS_VERSION = 2
"""Grows when the same data get other folds; a card's `data` has it. From 2 on, near-duplicates of
unknown persons are in one fold."""

PUBLIC_TEST_SEED = 0
"""Draws the faces of `also_public`. It is the same in all runs, so that a student and its teachers
learn from the same ones."""


def selection(faces: Faces, settings: Settings) -> Faces:
    """The faces of a run, the same each time for the same settings.

    A part of Training that is held out is in no split. In a fold, the part to test on becomes
    PrivateTest and everything else Training.

    Raises:
        DatasetError: a wanted class does not occur, or has too few faces for a sample or folds. A
            class is tested but not learned. PublicTest should be learned from, and there is none.
            Or the part to hold out is empty.
    """
    if settings.data.hold_out:
        held_out = part_of(faces, settings.data.parts) == settings.data.hold_out
        if not held_out.any():
            raise DatasetError(
                f"part {settings.data.hold_out} of {settings.data.parts} has no faces to hold out: "
                "choose another part, or fewer parts"
            )
        faces = faces.where(~held_out, "what is not held out")
    faces = _classes(faces, settings.data.classes)
    if settings.data.fold:
        faces = _folded(faces, settings)
    if settings.data.also_public:
        faces = _with_public(faces, settings.data.also_public)
    if settings.data.sample:
        learning = _sample(faces.only("Training"), settings.data.sample, settings.training.seed)
        is_tested = faces.split != SPLITS.index("Training")
        faces = faces.where(is_tested | np.isin(faces.row, learning.row), "the sample")
    unknown = ~np.isin(faces.label, faces.only("Training").label)
    if unknown.any():
        names = [faces.labels[number] for number in np.unique(faces.label[unknown])]
        raise DatasetError(
            f"the test faces have {', '.join(names)} (first in row {faces.row[unknown][0] + 1}), "
            "the training faces have not; add such faces, or name the others: --set data.classes=…"
        )
    return faces


def selection_of(run: EmotionRun, faces: Faces) -> Faces:
    """The faces of a finished run; see `selection`.

    Raises:
        RunError: this is no run folder, or its folds parted near-duplicates.
        DatasetError: the faces are of other classes than the run's, or see `selection`.
    """
    labels = run.read_card().labels
    check_folds(run, faces)
    some = selection(faces, run.read_settings())
    if some.labels != labels:
        raise DatasetError(
            f"{run.folder} knows {', '.join(labels)}, the faces are {', '.join(some.labels)}"
        )
    return some


def folds_version(run: EmotionRun) -> int:
    """Which FOLDS_VERSION made its folds, by its card."""
    data = run.read_card().origin.get("data")
    if not isinstance(data, Mapping):
        return 1
    # Folds of known persons were the same before.
    known = FOLDS_VERSION if data.get("persons_known") is True else 1
    return int(data.get("folds_version", known))


def check_folds(run: EmotionRun, faces: Faces) -> None:
    """Whether a run's folds are those that `selection` makes of a dataset.

    Raises:
        RunError: an older version made them, which parted near-duplicates of unknown persons.
    """
    if not run.read_settings().data.folds or not (faces.person < 0).any():
        return
    if folds_version(run) != FOLDS_VERSION:
        raise RunError(
            f"{run.folder} was made by an older version, whose folds were others: it would be "
            "tested on faces that it learned from. Train it anew"
        )


def kept_apart(faces: Faces, settings: Settings) -> npt.NDArray[np.bool_]:
    """Which faces of a dataset a run must not learn from, (faces,).

    These are all that it may be measured by, and the part that it holds out.
    """
    apart = faces.split != SPLITS.index("Training")
    if settings.data.hold_out:
        apart |= part_of(faces, settings.data.parts) == settings.data.hold_out
    if settings.data.fold:
        tested = selection(faces, settings).only("PrivateTest")
        apart |= np.isin(faces.row, tested.row)
    return np.asarray(apart, bool)


def _classes(faces: Faces, wanted: tuple[str, ...]) -> Faces:
    occurring = [name for n, name in enumerate(faces.labels) if (faces.label == n).any()]
    missing = [name for name in wanted if name not in occurring]
    if missing:
        raise DatasetError(f"no face is {', '.join(missing)}; there are {', '.join(occurring)}")
    kept = [name for name in occurring if name in wanted or not wanted]
    if len(kept) < 2:
        raise DatasetError(f"expected faces of two classes or more, got only {', '.join(kept)}")
    number = np.full(len(faces.labels), -1)
    number[[faces.labels.index(name) for name in kept]] = np.arange(len(kept))
    faces = faces.where(number[faces.label] >= 0, f"{', '.join(kept)}")
    return dataclasses.replace(faces, label=number[faces.label], labels=tuple(kept))


def _with_public(faces: Faces, share: float) -> Faces:
    """The same with so much of PublicTest, each class in its share, in Training."""
    is_public = faces.split == SPLITS.index("PublicTest")
    public = faces.only("PublicTest")
    learned = _sample(public, round(share * len(public)), PUBLIC_TEST_SEED)
    split = faces.split.copy()
    split[is_public & np.isin(faces.row, learned.row)] = SPLITS.index("Training")
    return dataclasses.replace(faces, split=split)


def _sample(faces: Faces, size: int, seed: int) -> Faces:
    """So many of the faces, each class in its share; all of them where they are fewer.

    Raises:
        DatasetError: a class has too few faces.
    """
    if size >= len(faces):
        log.info("all %d faces are fewer than the sample", len(faces))
        return faces
    counts = np.bincount(faces.label)
    classes, least = int((counts > 0).sum()), int(counts[counts > 0].min())
    if least < 2:
        name = faces.labels[counts.tolist().index(1)]
        raise DatasetError(
            f"a sample of {size} cannot be drawn: only one face is {name}, and each class needs "
            "two or more"
        )
    if not classes <= size <= len(faces) - classes:
        raise DatasetError(
            f"a sample of {size} cannot be drawn: each of {classes} classes needs a face inside "
            f"and one outside; expected {classes}..{len(faces) - classes}, or all {len(faces)}"
        )
    drawn, _ = train_test_split(
        np.arange(len(faces)), train_size=size, stratify=faces.label, random_state=seed
    )
    return faces.where(np.isin(np.arange(len(faces)), drawn), "the sample")


def _folded(faces: Faces, settings: Settings) -> Faces:
    folds, people = settings.data.folds, _people(faces)
    counts = np.bincount(faces.label)
    persons, most = len(np.unique(people)), int(counts.max())
    if folds > min(persons, most):
        raise DatasetError(
            f"{folds} folds cannot be made of {persons} people and at most {most} faces of a "
            "class: each fold needs one of both"
        )
    for number in np.flatnonzero((counts > 0) & (counts < folds)):
        log.warning("some folds test no face that is %s", faces.labels[number])
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=settings.training.seed)
    with warnings.catch_warnings():
        # It warns of small classes in words of its own.
        warnings.simplefilter("ignore", UserWarning)
        parts = list(splitter.split(faces.label, faces.label, people))
    split = np.full(len(faces), SPLITS.index("Training"))
    split[parts[settings.data.fold - 1][1]] = SPLITS.index("PrivateTest")
    return dataclasses.replace(faces, split=split)


def _people(faces: Faces) -> npt.NDArray[np.int64]:
    """One number for each person. Faces of unknown persons have one together only where they are
    near-duplicates."""
    unknown = faces.person < 0
    if unknown.any():
        log.warning(
            "the source does not name the person of %d faces. Pictures of one person may be "
            "in training and test (near-duplicates are not), and the accuracy then is too high",
            unknown.sum(),
        )
    return joined(groups_of(faces.images), faces.person) if unknown.any() else faces.person
