"""Faces without labels, for which a student learns only its teachers' soft targets."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import numpy.typing as npt

from train.data.faces import Faces
from train.data.near_duplicates import resembling
from train.data.prepared import prepare
from train.data.sources.marked_faces import has_marked_faces, read_marked_faces
from train.errors import DatasetError

log = logging.getLogger(__name__)


def read_unlabelled(
    path: Path,
    faces: Faces,
    apart: npt.NDArray[np.bool_],
    cache_folder: Path,
    skip_bad: bool = False,
) -> npt.NDArray[np.uint8]:
    """The faces of a source, without those that a network must not learn from.

    Of labelled faces Training is taken, without its labels.

    Args:
        path: a zip of pictures with annotations/train.json in COCO's form, or labelled faces in a
            form of `read_source`.
        faces: the labelled ones beside which they are learned, all splits.
        apart: (faces,), which of these must not be learned from, because they are held out or
            measured by. Their near-duplicates are left out.
        cache_folder: for what is read of labelled sources.
        skip_bad: leave bad rows and pictures of labelled sources out.

    Returns:
        (faces, height, width, channels), as large as the labelled ones.

    Raises:
        DatasetError: it cannot be read, has no faces left, or is of another size or colour.
    """
    if path.is_file() and has_marked_faces(path):
        images = read_marked_faces(path)
    else:
        images = prepare(path, cache_folder, skip_bad).faces.only("Training").images
    if images.shape[1:] != faces.images.shape[1:]:
        raise DatasetError(
            f"{path} has faces of {images.shape[1:]}, expected {faces.images.shape[1:]} as the "
            "labelled ones have"
        )
    if apart.any():
        known = resembling(images, faces.images[apart])
        if known.any():
            log.info("%d of them are in a test split or held out, or nearly: left out", known.sum())
        images = images[~known]
    if not len(images):
        raise DatasetError(f"{path} has no faces that are not in a test split or held out")
    return images
