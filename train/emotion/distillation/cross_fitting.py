"""Cross-fitting: a face's soft targets come from teachers that have not learned from it.

A teacher has partly memorised the faces that it learned from. So each of several teachers learns
without a part of the faces (`fit --hold-out K/N`). A face's soft targets come from those teachers
that did not learn from it. A teacher that held nothing out gives soft targets for every face.
"""

from __future__ import annotations

import logging

import numpy as np
import numpy.typing as npt

from train.data.faces import SPLITS, Faces
from train.data.prepared import Prepared
from train.emotion.run import EmotionRun
from train.emotion.selection import check_folds, selection
from train.errors import RunError

log = logging.getLogger(__name__)


def check_unseen(teachers: list[EmotionRun], data: Prepared, faces: Faces) -> None:
    """Whether no teacher has learned from the faces that its student is measured by.

    It would pass on what it remembers of them. This can be told of teachers of the same data alone.

    Args:
        teachers: runs.
        data: what the student learns from.
        faces: the student's selection of these, all splits.

    Raises:
        RunError: one has, for example as one of several folds, or because the student has folds.
            Or a teacher's folds are of an older version.
    """
    tested = faces.row[faces.split != SPLITS.index("Training")]
    for teacher in teachers:
        if teacher.read_facts().get("data") != data.sha256:
            continue
        check_folds(teacher, data.faces)
        learned = selection(data.faces, teacher.read_settings()).only("Training").row
        known = int(np.isin(tested, learned).sum())
        if known:
            raise RunError(
                f"{teacher.folder} cannot teach: it has learned from {known} of the {len(tested)} "
                "faces that its student is measured by"
            )


def who_may_answer(
    teachers: list[EmotionRun], data: Prepared, row: npt.NDArray[np.int64], count: int
) -> npt.NDArray[np.bool_]:
    """Which teachers give soft targets for which faces, (teachers, count).

    Args:
        teachers: finished runs.
        data: what the student learns from.
        row: each labelled face's position in `data`.
        count: of labelled faces and the faces without labels behind them. All teachers are used for
            the latter.

    Raises:
        RunError: a teacher held out a part of other data, or every teacher learned from some face.
    """
    may = np.ones((len(teachers), count), bool)
    for mask, teacher in zip(may, teachers, strict=True):
        settings = teacher.read_settings()
        if not settings.data.hold_out:
            continue
        if teacher.read_facts().get("data") != data.sha256:
            raise RunError(
                f"{teacher.folder} cannot teach: it held out a part of other data than "
                f"{data.source}, so nothing shows which of these faces it has learned from"
            )
        if settings.network.weights:
            log.warning(
                "%s began with weights of another training, which may have learned from the faces "
                "that it held out",
                teacher.folder,
            )
        learned = selection(data.faces, settings).only("Training").row
        mask[: len(row)] = ~np.isin(row, learned)
    silent = ~may.any(axis=0)
    if silent.any():
        raise RunError(
            f"all teachers have learned from {silent.sum()} of the {count} faces, so none may "
            "give soft targets for these. Add teachers that held out the other parts "
            "(fit --hold-out K/N), or one that held nothing out"
        )
    return may
