"""The measure of near faces: what is pasted where, and what counts as found once."""

from __future__ import annotations

import numpy as np
import pytest

from fer_edge import Box, Detection, open_detector
from train.detector.data.pictures import Picture, split_pictures
from train.detector.measuring.near import (
    CUT_SHARE,
    Cell,
    OneLook,
    cells,
    count,
    false_faces,
    measure_near,
    pasted,
)
from train.detector.measuring.views import PICTURE_ASPECTS, covering
from train.errors import DatasetError


def picture(source: str, shade: int, boxes: list[list[float]]) -> Picture:
    count = len(boxes)
    return Picture(
        source,
        source,
        np.full((224, 210), shade, np.uint8),
        np.array(boxes, np.float32).reshape(-1, 4),
        np.full((count, 5, 2), np.nan, np.float32),
        np.zeros(count, bool),
        np.zeros(count, bool),
    )


PORTRAIT = picture("portraits", 200, [[60, 60, 140, 160]])
SCENE = picture("scenes", 50, [])


class Told:
    """Finds what it is told to."""

    colour = "grey"

    def __init__(self, boxes: list[Box]) -> None:
        self.boxes = boxes

    def detect(self, image: np.ndarray) -> list[Detection]:
        assert image.ndim == 2
        return [Detection(box, box, 0.9) for box in self.boxes]


def test_a_cells_faces_have_its_size_and_lie_inside() -> None:
    random = np.random.default_rng(0)
    for side in (160, 640):
        for shape in PICTURE_ASPECTS:
            for cell in cells(side, shape):
                drawn, face = pasted(PORTRAIT, SCENE, cell, random)
                assert drawn.shape == cell.size[::-1]
                expected = min(cell.face, cell.size[1])
                assert face.height == pytest.approx(expected, rel=1e-6)
                middle = drawn[int(face.y + face.height / 2), int(face.x + face.width / 2)]
                assert middle == 200
                assert max(cell.size) == side


def test_an_edge_cuts_what_it_is_to_cut() -> None:
    random = np.random.default_rng(0)
    for cell in cells(320, "4:3", cut=True):
        if cell.face <= 240:
            _, face = pasted(PORTRAIT, SCENE, cell, random)
            whole = cell.face**2 * 0.8
            assert face.width * face.height == pytest.approx((1 - CUT_SHARE) * whole, rel=0.01)


def test_only_one_detection_on_the_face_is_once() -> None:
    cell = Cell((320, 240), 240.0, "all of it")
    _, face = pasted(PORTRAIT, SCENE, cell, np.random.default_rng(1))
    elsewhere, part = Box(0.0, 0.0, 20.0, 20.0), Box(face.x, face.y, 40.0, 40.0)
    for boxes, once, found, false in (
        ([face], 1.0, 1.0, 0.0),
        ([face, part], 0.0, 1.0, 0.0),
        ([part], 0.0, 0.0, 0.0),
        # What is found elsewhere is a false face, and the face is found once all the same.
        ([face, elsewhere, elsewhere], 1.0, 1.0, 2.0),
        ([elsewhere], 0.0, 0.0, 1.0),
        ([], 0.0, 0.0, 0.0),
    ):
        counted = count(Told(boxes), cell, [PORTRAIT], [SCENE])
        assert (counted.once, counted.found, counted.elsewhere) == (once, found, false)


def test_false_faces_are_counted_in_all_shapes() -> None:
    assert false_faces(Told([]), 160, [SCENE, SCENE]) == (0, 6)
    assert false_faces(Told([Box(0, 0, 9, 9)] * 2), 160, [SCENE]) == (6, 3)
    assert covering(SCENE.image, (320, 240)).shape == (240, 320)


def test_pictures_without_portraits_or_scenes_are_refused() -> None:
    with pytest.raises(DatasetError, match="expected portraits"):
        measure_near(Told([]), [SCENE], 5, [160])
    with pytest.raises(DatasetError, match="expected portraits"):
        measure_near(Told([]), [PORTRAIT], 5, [160])


class Landscape:
    """Takes every picture that is wider than high for one face."""

    colour = "grey"

    def detect(self, image: np.ndarray) -> list[Detection]:
        height, width = image.shape
        box = Box(0, 0, width, height)
        return [Detection(box, box, 0.9)] if width > height else []


def test_the_worst_shape_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    measure_near(Landscape(), [PORTRAIT, SCENE], 5, [160])
    lines = dict(line.split(": ", 1) for line in capsys.readouterr().out.splitlines()[1:])
    share = "120% of the shorter side"
    assert f"{share} 100.0% / 100.0% / 0.0%" in lines["160 px, 4:3"]
    assert f"{share} 0.0% / 0.0% / 0.0%" in lines["160 px, upright"]
    assert f"{share} 0.0%" in lines["160 px, found once in the worst shape"]
    assert lines["160 px"] == "1 false faces in 3 pictures of scenes"


def test_near_faces_are_found_once_that_one_look_misses(learned: list[Picture]) -> None:
    held_out = split_pictures(learned).reporting
    portraits = [one for one in held_out if one.source == "portraits" and len(one.boxes) == 1][:30]
    scenes = [one for one in held_out if one.is_faceless]
    cell = Cell((1280, 960), 960.0, "as high as the picture")
    assert count(open_detector(), cell, portraits, scenes).once >= 0.96
    assert count(OneLook("face-detector"), cell, portraits, scenes).found <= 0.1
