"""Pictures with faces marked in them: COCO's form with keypoints, in a zip.

`annotations/{train,val}.json` and the pictures that they name. A box with `iscrowd` is to be
ignored; keypoints are the five landmarks of `fer_edge.detectors.grid`, where known.
"""

from __future__ import annotations

import zipfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from fer_edge.detectors.grid import LANDMARKS
from train.data.marked_pictures import DRAWN_OVER, UNREADABLE, read_table, table_name
from train.detector.data.drawn_over import without_drawings
from train.errors import DatasetError

DETECTION_SIDE_PIXELS = 416
"""Pixels of the longer side that the pictures are searched at: the largest of them are so long."""
FACELESS = ("objects", "scenes")
"""Sources in which people saw no face. Elsewhere a picture without a box may show one that nobody
marked."""
HELD_OUT_EVERY = 10
"""One picture in so many of `train` is held out. One half of these serves to choose the score
threshold, the other to report landmarks."""
REPORTED_FACELESS_EVERY, SELECTED_FACELESS_EVERY = 4, 8
"""More pictures without a face are held out, because one false face in some seventy of them must be
measurable. One in four is reported on, one in eight serves to choose the score threshold."""


@dataclass(frozen=True)
class Picture:
    """One picture and its faces."""

    name: str
    """Its path in the zip."""
    source: str
    """Where it comes from, e.g. "portraits", "scenes"."""
    image: npt.NDArray[np.uint8]
    """(height, width), grey."""
    boxes: npt.NDArray[np.float32]
    """(faces, 4): left, top, right, bottom in pixels."""
    landmarks: npt.NDArray[np.float32]
    """(faces, 5, 2), NaN where unknown."""
    by_people: npt.NDArray[np.bool_]
    """(faces,), whether people marked the landmarks, and not another detector."""
    ignored: npt.NDArray[np.bool_]
    """(faces,), whether the box is ignored: to find it is neither right nor wrong."""

    @property
    def is_faceless(self) -> bool:
        """Whether the picture surely shows no face."""
        return self.source in FACELESS


def read_pictures(path: Path, split: str) -> list[Picture]:
    """All pictures of "train" or "val".

    Raises:
        DatasetError: missing, damaged, not in this form, or without any picture.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            table = read_table(archive, split)
            faces = defaultdict(list)
            for face in table["annotations"]:
                faces[face["image_id"]].append(face)
            strange = set(faces) - {image["id"] for image in table["images"]}
            if strange:
                raise ValueError(f"boxes of a picture that is not listed, {strange.pop()!r}")
            pictures = [_picture(archive, image, faces[image["id"]]) for image in table["images"]]
    except UNREADABLE as error:
        raise DatasetError(
            f"{path} cannot be read as faces in COCO's form ({error}); expected a zip with "
            "annotations/train.json and annotations/val.json"
        ) from error
    if not pictures:
        raise DatasetError(f"{path} names no picture in {table_name(split)}")
    return pictures


def touches(
    boxes: npt.NDArray[np.float32],
    low: npt.NDArray[np.integer],
    high: npt.NDArray[np.integer],
) -> bool:
    """Whether any box reaches into the rectangle between two corners."""
    return bool(((boxes[:, :2] < high) & (boxes[:, 2:] > low)).all(axis=1).any())


@dataclass(frozen=True)
class Split:
    """Pictures of "train" by what they are for."""

    training: list[Picture]
    """To learn from."""
    selection: list[Picture]
    """Held out: the score threshold is chosen on these."""
    reporting: list[Picture]
    """Held out: false faces and landmarks are reported on these, and nothing is chosen by them."""


def split_pictures(pictures: list[Picture]) -> Split:
    """The same parts each time, with and without faces in each of them.

    The pictures without a face that are reported on are new to the first shipped detector, too. So
    later ones can be compared with it.
    """
    untouched = [picture for picture in pictures if picture.source not in DRAWN_OVER]
    with_faces = [picture for picture in untouched if len(picture.boxes)]
    without = [picture for picture in untouched if not len(picture.boxes)]
    held_out = with_faces[::HELD_OUT_EVERY]
    # The second stride starts half a stride later, so that no picture is in both parts.
    selected = without[REPORTED_FACELESS_EVERY // 2 :: SELECTED_FACELESS_EVERY]
    selection = [*held_out[0::2], *selected]
    reporting = [*held_out[1::2], *without[::REPORTED_FACELESS_EVERY]]
    names = {picture.name for picture in (*selection, *reporting)}
    return Split(
        [picture for picture in pictures if picture.name not in names], selection, reporting
    )


def _picture(
    archive: zipfile.ZipFile, image: dict[str, Any], faces: list[dict[str, Any]]
) -> Picture:
    name, source = str(image["file_name"]), str(image.get("source", ""))
    colour = cv2.IMREAD_COLOR if source in DRAWN_OVER else cv2.IMREAD_GRAYSCALE
    decoded = cv2.imdecode(np.frombuffer(archive.read(name), np.uint8), colour)
    if decoded is None:
        raise DatasetError(f"{archive.filename}: {name} is not a picture, or cut short")
    pixels = np.asarray(decoded, np.uint8)
    boxes = np.array([face["bbox"] for face in faces], np.float32).reshape(-1, 4)
    boxes[:, 2:] += boxes[:, :2]
    return Picture(
        name=name,
        source=source,
        image=without_drawings(pixels) if source in DRAWN_OVER else pixels,
        boxes=boxes,
        landmarks=np.array([_landmarks(face) for face in faces], np.float32).reshape(-1, 5, 2),
        by_people=np.array([face.get("label_source") == "human_landmarks" for face in faces], bool),
        ignored=np.array([bool(face.get("iscrowd")) for face in faces], bool),
    )


def _landmarks(face: dict[str, Any]) -> npt.NDArray[np.float32]:
    points = np.array(face.get("keypoints") or [0] * 3 * len(LANDMARKS), np.float32)
    points = points.reshape(len(LANDMARKS), 3)
    return np.where(points[:, 2:] > 0, points[:, :2], np.float32(np.nan))


def is_portrait(picture: Picture) -> bool:
    """Whether it shows one person, whose face is marked."""
    return picture.source == "portraits" and len(picture.boxes) == 1 and not picture.ignored[0]
