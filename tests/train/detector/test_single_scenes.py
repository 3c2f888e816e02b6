"""Single pictures as scenes: marks stay on the faces."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from train.detector.data.pictures import Picture, read_pictures
from train.detector.scenes.placed import MIRRORED_LANDMARKS
from train.detector.scenes.single import OTHER_VIEWS, single_scenes

GREYS = (60, 110, 160, 205, 250)
"""Of the squares at the landmarks of `dotted`."""


def dotted() -> Picture:
    """A black picture of 900x500 with a face; each landmark is a square of another grey."""
    marks = np.array([[420, 200], [480, 205], [452, 240], [425, 275], [478, 280]], np.float32)
    image = np.zeros((500, 900), np.uint8)
    for grey, (x, y) in zip(GREYS, marks.astype(int), strict=True):
        image[y - 4 : y + 4, x - 4 : x + 4] = grey
    box = np.array([[380, 150, 520, 320]], np.float32)
    known = np.ones(1, np.bool_)
    return Picture("dots", "portraits", image, box, marks[np.newaxis], known, ~known)


def test_marks_stay_on_the_face_in_each_view() -> None:
    picture, leans = dotted(), []
    for one in single_scenes([picture] * 40, np.random.default_rng(1)):
        assert one.image.shape == (416, 416)
        points = one.landmarks[0]
        found = [int(one.image[round(y - 0.5), round(x - 0.5)]) for x, y in points.tolist()]
        # Mirrored, the person's right eye is where the left one was.
        assert (
            np.abs(np.array(found) - GREYS).max() < 40
            or np.abs(np.array(found) - np.array(GREYS)[list(MIRRORED_LANDMARKS)]).max() < 40
        )
        leans.append(abs(math.degrees(math.atan2(*(points[1] - points[0])[::-1]))))
    assert max(leans) > 30
    assert sorted(leans)[len(leans) // 2] < 10


def test_a_picture_is_shown_as_it_is_mirrored_and_otherwise(few: Path) -> None:
    picture = next(one for one in read_pictures(few, "train") if one.by_people.any())
    as_it_is, mirrored, *others = single_scenes([picture], np.random.default_rng(1))
    height, width = picture.image.shape
    assert np.array_equal(as_it_is.image[:height, :width], picture.image)
    assert not as_it_is.image[height:].any()
    assert not as_it_is.image[:, width:].any()
    np.testing.assert_allclose(as_it_is.landmarks, picture.landmarks, atol=0.01)
    assert np.array_equal(mirrored.image[:height, :width], picture.image[:, ::-1])
    (right_x, right_y), (left_x, left_y) = picture.landmarks[0, :2]
    eyes = [[width - left_x, left_y], [width - right_x, right_y]]
    np.testing.assert_allclose(mirrored.landmarks[0, :2], eyes, atol=0.01)
    assert len(others) == OTHER_VIEWS
