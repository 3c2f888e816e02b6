"""Pixel strings in a CSV, as FER2013's competition has them: columns emotion, pixels, Usage.

CK+ is passed on in the same form, with 7 for contempt and sometimes without Usage.

Goodfellow et al., "Challenges in Representation Learning", 2013 (arXiv:1307.0414).
"""

from __future__ import annotations

import csv
import warnings
from collections.abc import Iterator
from typing import TextIO

import numpy as np
import numpy.typing as npt

from train.data.faces import FER2013_LABELS, SPLITS, Faces
from train.data.sources.progress import log_progress
from train.data.sources.skipping import BadRows
from train.errors import DatasetError

ALL_LABELS = (*FER2013_LABELS, "contempt")
"""By number; the eighth is CK+'s."""
FACE_SIDE_PIXELS = 48
"""Pixels of a face's side."""
COLUMNS = ("emotion", "pixels")
"""Those that must be there; without Usage all faces are for training."""
USAGE = "Usage"


def read_table(text: TextIO, bad: BadRows) -> Faces:
    """Faces of such a table; rows are numbered from 1, the header not counted.

    The labels are FER2013's seven, and contempt if it occurs.

    Raises:
        DatasetError: a column is missing, a row is bad and not to be skipped, or none is left.
    """
    reader = csv.reader(text)
    given = [name.strip() for name in next(_rows(reader, bad), [])]
    header = [name.lower() for name in given]
    if any(name not in header for name in COLUMNS):
        raise DatasetError(
            f"{bad.source}: expected the columns {', '.join(COLUMNS)} and, where there are splits, "
            f"{USAGE}; got {given[:5]}"
        )
    places = [header.index(name) for name in COLUMNS]
    usage_place = header.index(USAGE.lower()) if USAGE.lower() in header else None
    if usage_place is None:
        others = [name for name in given if name.lower() not in COLUMNS]
        beside = f"; unknown columns: {', '.join(others[:5])}" if others else ""
        bad.remark(f"{bad.source}: no column is called {USAGE}, so all are for training{beside}")
    images: list[npt.NDArray[np.uint8]] = []
    facts: list[tuple[int, int, int]] = []
    for number, row in enumerate(_rows(reader, bad), start=1):
        try:
            emotion, pixels = (row[place] for place in places)
            split = 0 if usage_place is None else _split(row[usage_place])
            facts.append((_emotion(emotion), split, number - 1))
            images.append(_pixels(pixels))
            log_progress(len(images))
        except (ValueError, IndexError) as error:
            del facts[len(images) :]
            what = "a row with too few columns" if isinstance(error, IndexError) else str(error)
            bad.report(f"row {number}", what)
    if not images:
        raise DatasetError(f"{bad.source} holds no faces")
    label, splits, rows = np.array(facts, dtype=np.int64).T
    has_contempt = bool((label == len(FER2013_LABELS)).any())
    return Faces(
        images=np.stack(images)[..., np.newaxis],
        label=label,
        split=splits,
        labels=ALL_LABELS if has_contempt else FER2013_LABELS,
        row=rows,
        person=np.full(len(label), -1),
        is_fer2013_table=usage_place is not None and not has_contempt,
    )


def _rows(reader: Iterator[list[str]], bad: BadRows) -> Iterator[list[str]]:
    """The table's rows, with the csv module's and the decoder's complaints as ours."""
    try:
        yield from reader
    except (csv.Error, UnicodeDecodeError) as error:
        raise DatasetError(f"{bad.source} is not a table of text: {error}") from error


def _emotion(text: str) -> int:
    if text.strip() not in {str(number) for number in range(len(ALL_LABELS))}:
        numbers = ", ".join(f"{number} {label}" for number, label in enumerate(ALL_LABELS))
        raise ValueError(f"emotion must be a number ({numbers}), got {text[:20]!r}")
    return int(text)


def _split(text: str) -> int:
    if text.strip() not in SPLITS:
        raise ValueError(f"Usage must be one of {', '.join(SPLITS)}, got {text[:20]!r}")
    return SPLITS.index(text.strip())


def _pixels(text: str) -> npt.NDArray[np.uint8]:
    with warnings.catch_warnings():
        # numpy only warns when it meets something that is no number.
        warnings.simplefilter("error", DeprecationWarning)
        try:
            values = np.fromstring(text, dtype=np.int64, sep=" ")
        except (DeprecationWarning, ValueError):
            raise ValueError("pixels must be whole numbers with spaces between them") from None
    if values.size != FACE_SIDE_PIXELS * FACE_SIDE_PIXELS:
        raise ValueError(
            f"expected {FACE_SIDE_PIXELS * FACE_SIDE_PIXELS} pixels, got {values.size}"
        )
    if values.min() < 0 or values.max() > 255:
        raise ValueError(f"pixels must be 0..255, got {values.min()}..{values.max()}")
    return values.astype(np.uint8).reshape(FACE_SIDE_PIXELS, FACE_SIDE_PIXELS)
