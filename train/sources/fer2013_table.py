"""FER2013 as its competition distributes it: fer2013.csv, columns emotion, pixels, Usage.

Goodfellow et al., "Challenges in Representation Learning", 2013 (arXiv:1307.0414).
"""

from __future__ import annotations

import csv
import warnings
from collections.abc import Iterator
from typing import TextIO

import numpy as np
import numpy.typing as npt

from train.errors import DatasetError
from train.faces import SPLITS, Faces
from train.sources.skipping import BadRows

LABELS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
"""FER2013's emotions, in the order of their numbers."""
SIDE = 48
"""Pixels of a face's side."""
COLUMNS = ("emotion", "pixels", "Usage")


def read_table(text: TextIO, bad: BadRows) -> Faces:
    """Faces of a fer2013.csv; rows are numbered from 1, the header not counted.

    Raises:
        DatasetError: a column is missing, a row is bad and not to be skipped, or none is left.
    """
    reader = csv.reader(text)
    header = [name.strip() for name in next(_rows(reader, bad), [])]
    if any(name not in header for name in COLUMNS):
        raise DatasetError(
            f"{bad.source}: expected the columns {', '.join(COLUMNS)}, got {header[:5]}"
        )
    places = [header.index(name) for name in COLUMNS]
    images: list[npt.NDArray[np.uint8]] = []
    facts: list[tuple[int, int, int]] = []
    for number, row in enumerate(_rows(reader, bad), start=1):
        try:
            emotion, pixels, usage = (row[place] for place in places)
            facts.append((_emotion(emotion), _split(usage), number - 1))
            images.append(_pixels(pixels))
        except (ValueError, IndexError) as error:
            del facts[len(images) :]
            what = "a row with too few columns" if isinstance(error, IndexError) else str(error)
            bad.report(f"row {number}", what)
    if not images:
        raise DatasetError(f"{bad.source} holds no faces")
    label, split, rows = np.array(facts, dtype=np.int64).T
    return Faces(
        images=np.stack(images)[..., np.newaxis],
        label=label,
        split=split,
        labels=LABELS,
        row=rows,
        is_fer2013_table=True,
    )


def _rows(reader: Iterator[list[str]], bad: BadRows) -> Iterator[list[str]]:
    """The table's rows, with the csv module's and the decoder's complaints as ours."""
    try:
        yield from reader
    except (csv.Error, UnicodeDecodeError) as error:
        raise DatasetError(f"{bad.source} is not a table of text: {error}") from error


def _emotion(text: str) -> int:
    if text.strip() not in {str(number) for number in range(len(LABELS))}:
        raise ValueError(f"emotion must be 0..{len(LABELS) - 1}, got {text[:20]!r}")
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
    if values.size != SIDE * SIDE:
        raise ValueError(f"expected {SIDE * SIDE} pixels, got {values.size}")
    if values.min() < 0 or values.max() > 255:
        raise ValueError(f"pixels must be 0..255, got {values.min()}..{values.max()}")
    return values.astype(np.uint8).reshape(SIDE, SIDE)
