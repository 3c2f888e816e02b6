"""A teacher marks faces that nobody marked, as it would draw them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from train.data.prepared import prepare
from train.detector.candidate_detectors import YuNet
from train.detector.data.hard_faces import is_hard
from train.detector.data.pictures import Picture, read_pictures
from train.detector.data.pseudo_labels import marked_crops, with_unmarked_faces
from train.detector.data.training_set import Sources, gather
from train.errors import DatasetError


def test_a_teacher_marks_what_is_unmarked(few: Path, teacher: Path) -> None:
    marked = [one for one in read_pictures(few, "train") if one.source == "portraits"][:15]
    bare = [
        type(one)(
            one.name,
            one.source,
            one.image,
            one.boxes[:0],
            one.landmarks[:0],
            one.by_people[:0],
            one.ignored[:0],
        )
        for one in marked
    ]
    found = with_unmarked_faces(bare, YuNet(teacher))
    same = 0
    for before, after in zip(marked, found, strict=True):
        sure = after.boxes[~after.ignored]
        assert not after.by_people.any()
        same += any(np.abs(box - before.boxes[0]).max() < 0.3 * np.ptp(box) for box in sure)
    assert same >= 13
    again = with_unmarked_faces(marked, YuNet(teacher))
    assert sum(int((~one.ignored).sum()) for one in again) <= len(marked) + 2


def test_all_boxes_are_drawn_as_the_teacher_draws_them(
    learned: list[Picture], teacher: Path
) -> None:
    """The boxes of one source begin at the brows."""
    masks = [one for one in learned if one.source == "masks"][::20]
    redrawn = with_unmarked_faces(masks, YuNet(teacher))
    moved = [
        (after.boxes[: len(before.boxes)] - before.boxes) / np.ptp(before.boxes[:, 1::2], axis=1)
        for before, after in zip(masks, redrawn, strict=True)
        if len(before.boxes) == 1 and not before.ignored.any()
    ]
    assert len(moved) > 10
    _, top, _, bottom = np.median(np.concatenate(moved), axis=0)
    assert -0.3 < top < -0.1
    assert -0.15 < bottom < 0


def test_cut_out_faces_are_marked(teacher: Path, tables: Path, tmp_path: Path) -> None:
    faces = prepare(tables / "fer2013.csv", tmp_path).faces.only("Training").images[:100, ..., 0]
    crops = marked_crops(faces, YuNet(teacher))
    assert len(crops) == 100
    boxes = np.concatenate([one.boxes for one in crops])
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    assert (np.abs(middles - 24) < 12).all()
    assert (np.median(boxes[:, 2] - boxes[:, 0])) > 24
    unsure = [one for one in crops if np.isnan(one.landmarks).any()]
    assert 5 < len(unsure) < 40
    assert len({tuple(one.boxes[0].tolist()) for one in unsure}) == 1
    hard = [one for one in crops if is_hard(one)]
    assert {one.name for one in unsure} <= {one.name for one in hard}
    assert len(hard) < 50


def test_cut_out_faces_need_a_teacher(few: Path, tables: Path, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="add --teacher"):
        gather(Sources(few, None, tables / "fer2013.csv"), tmp_path)
