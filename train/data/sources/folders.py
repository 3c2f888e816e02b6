"""Faces as folders of pictures, one folder for each emotion.

FER2013's widely used folder version is train/<emotion>/Training_….jpg and
test/<emotion>/{PublicTest,PrivateTest}_….jpg; CK+'s is <emotion>/S<subject>_<sequence>_<frame>.png.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath

import cv2
import numpy as np
import numpy.typing as npt

from fer_edge.face import Box
from fer_edge.model_input import model_input
from fer_edge.models.card import InputSpec
from train.data.faces import FER2013_LABELS, SPLITS, Faces
from train.data.hidden import is_hidden
from train.data.sources.fer2013_table import ALL_LABELS, FACE_SIDE_PIXELS
from train.data.sources.progress import log_progress
from train.data.sources.skipping import BadRows
from train.errors import DatasetError

PICTURE_ENDINGS = (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".webp", ".tif", ".tiff")
WHOLE_PICTURE = InputSpec(
    height=FACE_SIDE_PIXELS, width=FACE_SIDE_PIXELS, colour="grey", margin=0.0
)
SYNONYMS = {
    "anger": "angry",
    "disgusted": "disgust",
    "fearful": "fear",
    "happiness": "happy",
    "sadness": "sad",
    "surprised": "surprise",
}
"""What folders are also called."""
SPLIT_FOLDERS = {
    "train": "Training",
    "training": "Training",
    "val": "PublicTest",
    "valid": "PublicTest",
    "validation": "PublicTest",
    "publictest": "PublicTest",
    "test": "PrivateTest",
    "testing": "PrivateTest",
    "privatetest": "PrivateTest",
}
"""The split of pictures whose names do not tell it, by a folder above their emotion's."""

LIKE_A_SPLIT = re.compile(
    r"(my|the|fold)?[\W_\d]*(train|valid|val|test|dev|eval|hold[\W_]?out)(ing|ation|uation)?s?"
    r"[\W_]*(set|data|split|fold|images|faces)?s?[\W_\d]*"
)
"""What may be a split's name as a whole, but is none of SPLIT_FOLDERS: train_set, tests, dev2."""


def is_picture(name: str) -> bool:
    """Whether a path inside the source looks like a labelled picture."""
    return (
        name.lower().endswith(PICTURE_ENDINGS)
        and len(PurePosixPath(name).parts) >= 2
        and not is_hidden(name)
    )


def read_folders(names: Iterable[str], read: Callable[[str], bytes], bad: BadRows) -> Faces:
    """Faces of a tree of pictures, in the order of their names.

    The labels are FER2013's seven, and contempt if it occurs. Where no folder names a split,
    pictures whose names tell none are for training; if they lie in several folders, the log says
    so. Where one does, each must lie in one: else those of a test split under another name would be
    learned from. The nearest folder that names a split counts.

    Args:
        names: paths with forward slashes, …/<emotion>/<file>. The log says how many are no
            pictures, and left out.
        read: gives a path's bytes.
        bad: what to do about bad pictures.

    Raises:
        DatasetError: a picture is bad and not to be skipped, or none is left.
    """
    images: list[npt.NDArray[np.uint8]] = []
    facts: list[tuple[int, int, int, int]] = []
    every = sorted(names)
    pictures = [name for name in every if is_picture(name)]
    _tell_of_others([name for name in every if not is_picture(name)], bad)
    has_splits = any(_split_folder(name) for name in pictures)
    if not has_splits:
        _tell_of_no_splits(pictures, bad)
    for name in pictures:
        try:
            fact = (_label(name), _split(name, has_splits, bad.source), len(images), _person(name))
            images.append(_picture(read(name)))
            log_progress(len(images))
            facts.append(fact)
        except ValueError as error:
            bad.report(f"picture {name}", str(error))
    if not images:
        raise DatasetError(
            f"{bad.source} holds no folders of pictures; expected <emotion>/<file> with the "
            f"emotions {', '.join(ALL_LABELS)}, alone or below train, validation and test"
        )
    label, split, rows, person = np.array(facts, dtype=np.int64).T
    return Faces(
        images=np.stack(images),
        label=label,
        split=split,
        labels=ALL_LABELS if (label == len(FER2013_LABELS)).any() else FER2013_LABELS,
        row=rows,
        person=person,
        is_fer2013_table=False,
        is_fer2013=all(_named_split(name) for name in pictures),
    )


def _label(name: str) -> int:
    folder = PurePosixPath(name).parts[-2].lower()
    emotion = SYNONYMS.get(folder, folder)
    if emotion not in ALL_LABELS:
        raise ValueError(f"its folder must be one of {', '.join(ALL_LABELS)}, got {folder!r}")
    return ALL_LABELS.index(emotion)


def _split(name: str, has_splits: bool, source: str) -> int:
    named = _named_split(name)
    if named:
        return SPLITS.index(named)
    folder = _split_folder(name)
    if has_splits and not folder:
        # Not a bad picture: with --skip-bad a whole split could be left out.
        raise DatasetError(
            f"{source}, picture {name}: the folder above its emotion's must be one of "
            f"{', '.join(SPLIT_FOLDERS)}, as for other pictures; got {_above(name) or 'none'!r}"
        )
    return SPLITS.index(SPLIT_FOLDERS.get(folder, "Training"))


def _named_split(name: str) -> str:
    """The split that a picture's name begins with, as FER2013's do; empty where it does not."""
    prefix = PurePosixPath(name).name.split("_")[0]
    return prefix if prefix in SPLITS else ""


def _split_folder(name: str) -> str:
    """The nearest folder above the emotion's that is called like a split, empty where none is."""
    above = (part.lower() for part in reversed(PurePosixPath(name).parts[:-2]))
    return next((part for part in above if part in SPLIT_FOLDERS), "")


def _above(name: str) -> str:
    """The folder above the emotion's, empty where there is none."""
    parts = PurePosixPath(name).parts
    return parts[-3].lower() if len(parts) >= 3 else ""


def _tell_of_no_splits(pictures: list[str], bad: BadRows) -> None:
    """Of several folders, one may be a test split under a name that is not known.

    Raises:
        DatasetError: one is called like a split.
    """
    loose = [name for name in pictures if not _named_split(name)]
    if like := _like_splits(loose):
        raise DatasetError(
            f"{bad.source}: {', '.join(like)} may be splits, but no folder is called one of "
            f"{', '.join(SPLIT_FOLDERS)}: rename them, since test faces may not be learned from"
        )
    above = sorted({_above(name) for name in loose})
    if len(above) > 1:
        told = ", ".join(one or "(none)" for one in above[:10]) + (", …" if len(above) > 10 else "")
        bad.remark(
            f"{bad.source}: no folder is called train, val or test, so the pictures of all are for "
            f"training: {told}"
        )


def _like_splits(names: list[str]) -> list[str]:
    """Folders that may be splits: they hold some of the pictures, and not all."""
    above = [{part.lower() for part in PurePosixPath(name).parts[:-2]} for name in names]
    shared = set.intersection(*above) if above else set()
    every = set[str]().union(*above) - shared
    return sorted(name for name in every if LIKE_A_SPLIT.fullmatch(name))


def _tell_of_others(names: list[str], bad: BadRows) -> None:
    others = [name for name in names if not is_hidden(name)]
    if others:
        bad.remark(
            f"{bad.source}: {len(others)} files are no pictures ({', '.join(PICTURE_ENDINGS)}) in "
            f"an emotion's folder, and are left out; the first is {others[0]}"
        )


def _person(name: str) -> int:
    """The subject of a CK+ picture, -1 for others."""
    match = re.match(r"S(\d{1,6})_\d+_\d+", PurePosixPath(name).name)
    return int(match[1]) if match else -1


def _picture(data: bytes) -> npt.NDArray[np.uint8]:
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    except cv2.error:
        image = None
    if image is None:
        raise ValueError("not a picture, or cut short")
    pixels = np.asarray(image, dtype=np.uint8)
    return model_input(pixels, Box(0, 0, pixels.shape[1], pixels.shape[0]), WHOLE_PICTURE)
