"""Faces that a test split shares with those before it are found, and others are not."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import cv2
import numpy as np

from tests.train.conftest import WholeFer2013
from train.data.faces import Faces
from train.data.near_duplicates import near_duplicates
from train.data.sources import read_source


def test_a_copy_is_a_near_duplicate_and_another_person_is_not(tables: Path) -> None:
    faces: Faces = read_source(tables)
    learned = faces.only("Training").images
    public = faces.only("PublicTest").images
    images = faces.images.copy()
    tested = np.flatnonzero(faces.split == 2)
    before = near_duplicates(faces, "PrivateTest")
    new = tested[~before]
    assert len(new) > 50
    images[new[0]] = learned[5]
    images[new[2]] = public[5]
    compressed = cv2.imencode(".jpg", learned[6], [cv2.IMWRITE_JPEG_QUALITY, 60])[1]
    images[new[1], :, :, 0] = np.asarray(cv2.imdecode(compressed, cv2.IMREAD_GRAYSCALE))
    after = near_duplicates(dataclasses.replace(faces, images=images), "PrivateTest")
    expected = before.copy()
    expected[np.searchsorted(tested, new[:3])] = True
    assert (after == expected).all()


def test_fer2013_repeats_hundreds_of_faces(whole: WholeFer2013) -> None:
    data = whole.data
    found = near_duplicates(data.faces, "PrivateTest")
    assert 480 < found.sum() < 530
    before = data.faces.where(data.faces.split < 2, "all but PrivateTest")
    learned = {image.tobytes() for image in before.images}
    copies = [image.tobytes() in learned for image in data.faces.only("PrivateTest").images]
    assert sum(copies) > 200
    assert found[np.array(copies)].all()
