"""FER2013 as folders of pictures: train/<emotion>/*.jpg and test/<emotion>/*.jpg.

In this widely used version a file's name begins with its split: Training_…, PublicTest_…,
PrivateTest_….
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import PurePosixPath

import cv2
import numpy as np
import numpy.typing as npt

from fer_edge.face import Box
from fer_edge.model_input import model_input
from fer_edge.models.card import InputSpec
from train.errors import DatasetError
from train.faces import SPLITS, Faces
from train.sources.fer2013_table import LABELS, SIDE
from train.sources.skipping import BadRows

ENDINGS = (".jpg", ".jpeg", ".png")
WHOLE = InputSpec(height=SIDE, width=SIDE, colour="grey", margin=0.0)


def is_picture(name: str) -> bool:
    """Whether a path inside the source looks like a labelled picture."""
    parts = PurePosixPath(name).parts
    return name.lower().endswith(ENDINGS) and len(parts) >= 3 and not parts[-1].startswith(".")


def read_folders(names: Iterable[str], read: Callable[[str], bytes], bad: BadRows) -> Faces:
    """Faces of a tree of pictures, in the order of their names.

    Args:
        names: paths with forward slashes, …/<split>/<emotion>/<file>.
        read: gives a path's bytes.
        bad: what to do about bad pictures.

    Raises:
        DatasetError: a picture is bad and not to be skipped, or none is left.
    """
    images: list[npt.NDArray[np.uint8]] = []
    facts: list[tuple[int, int, int]] = []
    for name in sorted(names):
        try:
            fact = (_label(name), _split(name), len(images))
            images.append(_picture(read(name)))
            facts.append(fact)
        except ValueError as error:
            bad.report(f"picture {name}", str(error))
    if not images:
        raise DatasetError(f"{bad.source} holds no folders of pictures (train/<emotion>/…)")
    label, split, rows = np.array(facts, dtype=np.int64).T
    return Faces(
        images=np.stack(images),
        label=label,
        split=split,
        labels=LABELS,
        row=rows,
        is_fer2013_table=False,
    )


def _label(name: str) -> int:
    emotion = PurePosixPath(name).parts[-2].lower()
    if emotion not in LABELS:
        raise ValueError(f"its folder must be one of {', '.join(LABELS)}, got {emotion!r}")
    return LABELS.index(emotion)


def _split(name: str) -> int:
    prefix = PurePosixPath(name).name.split("_")[0]
    if prefix not in SPLITS:
        raise ValueError(f"its name must begin with one of {', '.join(SPLITS)} and an underscore")
    return SPLITS.index(prefix)


def _picture(data: bytes) -> npt.NDArray[np.uint8]:
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    except cv2.error:
        image = None
    if image is None:
        raise ValueError("not a picture, or cut short")
    pixels = np.asarray(image, dtype=np.uint8)
    return model_input(pixels, Box(0, 0, pixels.shape[1], pixels.shape[0]), WHOLE)
