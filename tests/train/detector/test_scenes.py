"""What the face detector learns from: real pictures, and scenes made of them."""

from __future__ import annotations

import dataclasses
import zipfile
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from train.detector.candidate_detectors import open_candidate_detector
from train.detector.data.hard_negatives import mistakes
from train.detector.data.pictures import Picture, read_pictures, split_pictures
from train.detector.landmarks.bias import WithoutLandmarkBias
from train.detector.measuring.metrics import measure
from train.detector.scenes.distractors import distractor
from train.detector.scenes.exchanged import exchange_some
from train.detector.scenes.mosaic import composed, scene
from train.detector.scenes.placed import (
    LEAST_FACE_SIDE_PIXELS,
    Scene,
    drawn,
    mirrored,
    moved,
    placing,
)
from train.errors import DatasetError

SIDE = 256
A_WORD = b"""{"images": [{"id": 1, "file_name": "a.png"}],
"annotations": [{"image_id": 1, "bbox": [0, 0, "wide", 2]}]}"""
ANOTHER_PICTURE = A_WORD.replace(b'"image_id": 1', b'"image_id": 2').replace(b'"wide"', b"2")


def test_the_real_pictures_are_read(learned: list[Picture], val: list[Picture]) -> None:
    assert (len(learned), len(val)) == (6605, 200)
    assert sum(len(picture.boxes) for picture in learned) == 9804
    assert sum(int((~picture.ignored).sum()) for picture in val) == 1485
    portrait = next(picture for picture in learned if picture.source == "portraits")
    right_eye, left_eye, *_ = portrait.landmarks[0]
    assert right_eye[0] < left_eye[0], "the person's right eye is on the picture's left"
    parts = split_pictures(learned)
    learning, held_out = parts.training, [*parts.selection, *parts.reporting]
    assert len(learning) + len(held_out) == len(learned)
    assert not {one.name for one in parts.selection} & {one.name for one in parts.reporting}
    assert sum(one.is_faceless for one in parts.selection) >= 70
    assert sum(one.is_faceless for one in parts.reporting) >= 100
    assert not [one for one in held_out if one.source == "news"], "these were drawn over"
    assert not {one.name for one in learning} & {one.name for one in held_out}
    assert sum(not len(one.boxes) for one in held_out) > 100


def test_no_such_zip_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="COCO's form"):
        read_pictures(tmp_path / "none.zip", "train")
    (tmp_path / "bad.zip").write_bytes(b"PK")
    with pytest.raises(DatasetError, match="COCO's form"):
        read_pictures(tmp_path / "bad.zip", "train")


@pytest.mark.parametrize(
    "table", [b"{", b"[]", b"7", b'{"images": 1}', A_WORD, ANOTHER_PICTURE, b"\xff"]
)
def test_a_zip_of_another_form_is_an_error_of_ours(table: bytes, tmp_path: Path) -> None:
    path = tmp_path / "odd.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("annotations/train.json", table)
        archive.writestr("a.png", cv2.imencode(".png", np.zeros((4, 4), np.uint8))[1].tobytes())
    with pytest.raises(DatasetError, match="COCO's form"):
        read_pictures(path, "train")


def test_scenes_are_repeated_by_their_seed_and_keep_faces_inside(learned: list[Picture]) -> None:
    several = [scene(learned, SIDE, np.random.default_rng(seed)) for seed in range(40)]
    again = scene(learned, SIDE, np.random.default_rng(7))
    assert (again.image == several[7].image).all()
    assert (again.boxes == several[7].boxes).all()
    for one in several:
        assert one.image.shape == (SIDE, SIDE)
        wanted = one.boxes[~one.ignored]
        centres = (wanted[:, :2] + wanted[:, 2:]) / 2
        assert ((centres > 0) & (centres < SIDE)).all()
        assert (wanted[:, 2:] - wanted[:, :2] >= LEAST_FACE_SIDE_PIXELS).all()
    sizes = np.concatenate(
        [one.boxes[~one.ignored, 2] - one.boxes[~one.ignored, 0] for one in several]
    )
    assert len(sizes) > 80
    assert np.percentile(sizes, 10) < 20
    assert np.percentile(sizes, 90) > 50


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize("scale", [0.13, 0.3, 0.5, 0.8, 1.0, 1.7])
def test_a_picture_is_drawn_where_its_boxes_come_to_lie(scale: float, mirror: bool) -> None:
    image = np.zeros((200, 240), np.uint8)
    image[60:140, 90:190] = 200
    picture = Picture(
        name="a bright box",
        source="",
        image=image,
        boxes=np.array([[90, 60, 190, 140]], np.float32),
        landmarks=np.full((1, 5, 2), np.nan, np.float32),
        by_people=np.zeros(1, bool),
        ignored=np.zeros(1, bool),
    )
    matrix = placing(
        scale, 0.2, mirror, around=np.array([130.0, 110.0]), onto=np.array([201.3, 197.8])
    )
    part = drawn(image, matrix, scale, (400, 400)).astype(float)
    box = moved(picture, matrix, np.array([0, 0]), mirror, (400, 400)).boxes[0]
    across = (part.sum(axis=0) * (np.arange(400) + 0.5)).sum() / part.sum()
    down = (part.sum(axis=1) * (np.arange(400) + 0.5)).sum() / part.sum()
    assert (across, down) == pytest.approx(((box[:2] + box[2:]) / 2).tolist(), abs=0.05)


@pytest.mark.parametrize(("turn", "size"), [(0, (60, 80)), (90, (80, 60)), (45, (70.7, 70.7))])
def test_a_turned_face_has_the_box_of_its_ellipse(turn: float, size: tuple[float, float]) -> None:
    face = Picture(
        name="a face",
        source="",
        image=np.zeros((200, 240), np.uint8),
        boxes=np.array([[90, 60, 150, 140]], np.float32),
        landmarks=np.full((1, 5, 2), np.nan, np.float32),
        by_people=np.zeros(1, bool),
        ignored=np.zeros(1, bool),
    )
    middle = np.array([120.0, 100.0])
    matrix = placing(1.0, np.radians(turn), False, around=middle, onto=middle)
    box = moved(face, matrix, np.array([0, 0]), False, (240, 200)).boxes[0]
    assert (box[2:] - box[:2]).tolist() == pytest.approx(size, abs=0.1)


def test_mirrored_scenes_have_their_faces_on_the_other_side(learned: list[Picture]) -> None:
    one = composed(learned, SIDE, np.random.default_rng(3))
    other = mirrored(one)
    assert (other.image == one.image[:, ::-1]).all()
    assert other.boxes[:, [0, 2]] == pytest.approx(SIDE - one.boxes[:, [2, 0]])
    known = ~np.isnan(one.landmarks).any(axis=(1, 2))
    assert known.any()
    right_eyes, left_eyes = one.landmarks[known, 0], other.landmarks[known, 1]
    assert left_eyes == pytest.approx(right_eyes * [-1, 1] + [SIDE, 0])
    again = mirrored(other)
    assert again.boxes == pytest.approx(one.boxes, abs=1e-3)


def test_some_scenes_show_a_face_near_and_some_end_in_black(learned: list[Picture]) -> None:
    several = [scene(learned, SIDE, np.random.default_rng(seed)) for seed in range(150)]
    largest = [
        (one.boxes[~one.ignored, 2:] - one.boxes[~one.ignored, :2]).max(initial=0)
        for one in several
    ]
    # One in nineteen does, of many more scenes.
    assert 0.02 < np.mean(np.array(largest) > 0.7 * SIDE) < 0.3
    assert max(largest) > 1.1 * SIDE
    assert 0.15 < np.mean([not one.image[-1].any() for one in several]) < 0.5


def test_what_was_drawn_over_news_photos_is_gone(learned: list[Picture]) -> None:
    photo = next(picture for picture in learned if picture.source == "news")
    left, top, right, bottom = photo.boxes[0].round().astype(int)
    # Dots are darker than all that lies two pixels around them.
    dots = cv2.morphologyEx(photo.image, cv2.MORPH_BLACKHAT, np.ones((5, 5), np.uint8))
    assert (dots[top:bottom, left:right] > 40).mean() < 0.005


def test_a_teacher_learns_where_people_put_landmarks(
    shared: Callable[[str], Path], learned: list[Picture]
) -> None:
    teacher, _ = open_candidate_detector(str(shared("models/face_detection_yunet_2023mar.onnx")))
    portraits = [one for one in learned if one.source == "portraits"]
    corrected = WithoutLandmarkBias(teacher, portraits[: len(portraits) // 2])
    others = portraits[len(portraits) // 2 :: 15]
    errors = [
        measure(detector, others[:1], others, 0.6)["landmark_error"]
        for detector in (corrected, teacher)
    ]
    assert errors[0] < 0.9 * errors[1]
    unknown = WithoutLandmarkBias(teacher, [one for one in learned if one.source == "street"][:5])
    one, other = (detector.find(others[0].image, 0.6).landmarks for detector in (teacher, unknown))
    assert np.array_equal(one, other)


def test_heads_get_other_faces_of_the_same_size_and_light(learned: list[Picture]) -> None:
    one, other = [
        one
        for one in learned
        if one.source == "portraits"
        and len(one.boxes) == 1
        and 40 < np.ptp(one.boxes[0, 1::2]) < 60
        and (one.boxes[0, :2] > 20).all()
        and (one.boxes[0, 2:] < np.array(one.image.shape[::-1]) - 20).all()
    ][:2]
    box = other.boxes[0]
    close = [max(0, int(side)) for side in (box - [8, 8, -8, -8])]
    crop = dataclasses.replace(
        other,
        image=other.image[close[1] : close[3], close[0] : close[2]],
        boxes=other.boxes - np.tile(close[:2], 2),
        landmarks=other.landmarks - np.array(close[:2]),
    )
    middle = (one.boxes[0, :2] + one.boxes[0, 2:]) / 2
    changed = 0
    for seed in range(30):
        whole = Scene(one.image.copy(), one.boxes, one.landmarks, one.ignored, one.by_people)
        after = exchange_some(whole, [crop], np.random.default_rng(seed))
        assert np.array_equal(after.boxes, one.boxes)
        differ = np.argwhere(after.image != one.image)
        if not len(differ):
            assert np.array_equal(after.landmarks, one.landmarks)
            continue
        changed += 1
        assert np.abs(differ.mean(axis=0)[::-1] - middle).max() < 0.15 * np.ptp(one.boxes[0, ::2])
        marks = after.landmarks[0]
        assert ((marks > one.boxes[0, :2]) & (marks < one.boxes[0, 2:])).all()
        assert marks[0, 0] < marks[1, 0], "the right eye stays on the left, also when mirrored"
        assert abs(float(after.image.mean()) - float(one.image.mean())) < 8
    assert 3 <= changed <= 17


def test_mistakes_are_cut_out_of_pictures_and_pasted(
    shared: Callable[[str], Path], learned: list[Picture]
) -> None:
    """YuNet takes some things for faces, and where people marked a face it is not mistaken."""
    detector, _ = open_candidate_detector(str(shared("models/face_detection_yunet_2023mar.onnx")))
    things = [one for one in learned if one.source == "objects"][:80]
    wrong = mistakes(things, detector)
    assert wrong
    assert all(min(patch.shape) >= 8 for patch in wrong)
    portraits = [one for one in learned if one.source == "portraits"][:40]
    assert len(mistakes(portraits, detector)) <= 4

    white = [np.full((40, 30), 255, np.uint8)]
    random = np.random.default_rng(3)
    patches = [distractor(things, white, 20, random) for _ in range(60)]
    pasted = [patch for patch in patches if (patch == 255).all()]
    assert 20 < len(pasted) < 50
    assert {patch.shape for patch in pasted} == {(27, 20)}
