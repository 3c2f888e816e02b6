"""Parts of Training to be held out: copies of a face are in one of them."""

from __future__ import annotations

import dataclasses

import numpy as np

from train.data.held_out import part_of
from train.data.near_duplicates import groups_of, resembling
from train.data.prepared import Prepared
from train.emotion.selection import selection
from train.emotion.settings import Settings


def test_each_training_face_is_in_one_part(data: Prepared) -> None:
    parts = part_of(data.faces, 3)
    learning = data.faces.split == 0
    assert (parts[~learning] == 0).all()
    counts = np.bincount(parts[learning], minlength=4)
    assert counts[0] == 0
    assert counts[1:].min() > 384 / 3 * 0.7
    assert (part_of(data.faces, 3) == parts).all()


def test_what_is_held_out_is_in_no_split(data: Prepared) -> None:
    parts = part_of(data.faces, 3)
    # The one disgusted face of Training may be held out.
    classes = ("angry", "fear", "happy", "sad", "surprise", "neutral")
    choices = {"data.hold_out": 2, "data.parts": 3, "data.classes": classes}
    faces = selection(data.faces, Settings.of("lenet", choices))
    assert not np.isin(data.faces.row[parts == 2], faces.row).any()
    known = data.faces.label != data.faces.labels.index("disgust")
    assert len(faces) == (known & (parts != 2)).sum()


def test_near_duplicates_and_one_persons_faces_stay_together(data: Prepared) -> None:
    few = data.faces.where(np.arange(len(data.faces)) < 60, "a few")
    copies = np.clip(few.images.astype(int) + 3, 0, 255).astype(np.uint8)
    both = dataclasses.replace(
        few,
        images=np.concatenate([few.images, copies]),
        label=np.tile(few.label, 2),
        split=np.tile(few.split, 2),
        row=np.tile(few.row, 2),
        person=np.tile(few.person, 2),
    )
    assert resembling(copies, few.images).mean() > 0.95
    groups = groups_of(both.images)
    alike = groups[:60] == groups[60:]
    assert alike.mean() > 0.95
    parts = part_of(both, 5)
    assert (parts[:60] == parts[60:])[alike].all()
    assert len(set(parts.tolist())) == 5
    people = dataclasses.replace(both, person=np.arange(120) % 4)
    parts = part_of(people, 50)
    for person in range(4):
        assert len(set(parts[people.person == person].tolist())) == 1
