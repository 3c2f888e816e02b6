"""Faces without labels: cut out of pictures in which their boxes are marked, in COCO's form.

The file is a zip with `annotations/train.json` and the pictures that it names. Nothing else in it
is read, so `annotations/val.json` stays unseen. The boxes are treated as YuNet's, which made most
of them in our data. So the face is framed as the runtime frames YuNet's faces, and turned upright
by its eyes if these are marked. The runtime's own `model_input` cuts it out.
"""

from __future__ import annotations

import logging
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from fer_edge.detectors.yunet import SQUARE_SIDE_FACTOR
from fer_edge.errors import PictureError
from fer_edge.face import Box, Detection
from fer_edge.model_input import model_input
from train.data.marked_pictures import DRAWN_OVER, UNREADABLE, read_table, table_name
from train.data.sources.folders import WHOLE_PICTURE
from train.errors import DatasetError

log = logging.getLogger(__name__)

TABLE = table_name("train")
SMALLEST_SIDE_PIXELS = 32
"""Of a box's shorter side. Smaller faces would be enlarged by more than half, and show little."""


def has_marked_faces(path: Path) -> bool:
    """Whether a file is such a zip. False for a damaged one: another reader reports the damage."""
    try:
        with zipfile.ZipFile(path) as archive:
            return TABLE in archive.namelist()
    except UNREADABLE:
        return False


def read_marked_faces(path: Path) -> npt.NDArray[np.uint8]:
    """All faces that are large enough, in the order of the table; the log says what is left out.

    Returns:
        (faces, height, width, 1), as large as FER2013's.

    Raises:
        DatasetError: damaged, not in this form, or without such faces.
    """
    left_out: Counter[str] = Counter()
    crops: list[npt.NDArray[np.uint8]] = []
    try:
        with zipfile.ZipFile(path) as archive:
            table = read_table(archive, "train")
            pictures = {picture["id"]: picture for picture in table["images"]}
            chosen: dict[int, list[Detection]] = {}
            for mark in table["annotations"]:
                picture = pictures[mark["image_id"]]
                reason = _reason_against(mark, str(picture.get("source", "")))
                if reason:
                    left_out[reason] += 1
                else:
                    chosen.setdefault(mark["image_id"], []).append(_detection(mark))
            for number, faces in chosen.items():
                image = _image(archive, str(pictures[number]["file_name"]))
                for face in faces:
                    crops.append(model_input(image, face.square, WHOLE_PICTURE, face.roll))
    except (*UNREADABLE, PictureError) as error:
        raise DatasetError(
            f"{path} cannot be read as faces in COCO's form ({error}); expected a zip with {TABLE}"
        ) from error
    if not crops:
        raise DatasetError(f"{path} marks no face of {SMALLEST_SIDE_PIXELS} pixels or more")
    told = "".join(f"; {count} {reason}" for reason, count in left_out.items())
    log.info("%d faces without labels from %s%s", len(crops), path, told and f", without{told[1:]}")
    return np.stack(crops)


def _reason_against(mark: dict[str, Any], source: str) -> str:
    """Why a face is left out, for people; nothing where it is not."""
    if mark.get("iscrowd"):
        return "to be ignored"
    if source in DRAWN_OVER:
        return "that are drawn over"
    if min(mark["bbox"][2:]) < SMALLEST_SIDE_PIXELS:
        return f"smaller than {SMALLEST_SIDE_PIXELS} pixels"
    return ""


def _detection(mark: dict[str, Any]) -> Detection:
    """The face as the runtime's detector would give it."""
    box = Box(*mark["bbox"])
    points = np.array(mark.get("keypoints") or [], float).reshape(-1, 3)
    seen = len(points) > 1 and bool((points[:2, 2] > 0).all())
    eyes = tuple((x, y) for x, y in points[:2, :2].tolist()) if seen else ()
    return Detection(box, box.square(SQUARE_SIDE_FACTOR), 1.0, eyes)


def _image(archive: zipfile.ZipFile, name: str) -> npt.NDArray[np.uint8]:
    image = cv2.imdecode(np.frombuffer(archive.read(name), np.uint8), cv2.IMREAD_GRAYSCALE)
    if image is None:
        raise ValueError(f"{name} is not a picture, or cut short")
    return np.asarray(image, np.uint8)
