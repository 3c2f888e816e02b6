"""Landmarks of a detector that places them better than YuNet does."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt
import pytest

import fer_edge
from fer_edge.detectors.face_detector import FaceDetector
from fer_edge.detectors.grid import Candidates
from fer_edge.errors import ModelError
from tests.called import called
from train.__main__ import main
from train.detector.candidate_detectors import open_landmark_teacher
from train.detector.data.landmark_teacher import LEAST_FACE_PIXELS, with_landmarks_of
from train.detector.data.pictures import Picture, read_pictures
from train.detector.data.training_set import Sources, gather
from train.detector.network import face_network
from train.detector.settings import FAST_NETWORK
from train.errors import RunError
from train.run.network_file import save_network

SHIPPED = Path(fer_edge.__file__).parent / "models"


@pytest.fixture(scope="module")
def portraits(few: Path) -> list[Picture]:
    """Those with landmarks by people."""
    pictures = read_pictures(few, "train")
    return [one for one in pictures if one.source == "portraits" and one.by_people.all()]


@pytest.fixture(scope="module")
def better() -> FaceDetector:
    return FaceDetector("face-detector")


def _unmarked(pictures: list[Picture]) -> list[Picture]:
    return [dataclasses.replace(one, by_people=np.zeros_like(one.by_people)) for one in pictures]


def _errors(pictures: list[Picture], truths: list[Picture]) -> float:
    """The mean distance in distances of the eyes."""
    away = [
        np.linalg.norm(mine - truth, axis=-1).mean() / np.linalg.norm(truth[0] - truth[1])
        for one, other in zip(pictures, truths, strict=True)
        for mine, truth in zip(one.landmarks, other.landmarks, strict=True)
    ]
    return float(np.mean(away))


def test_faces_seen_alone_and_mirrored_have_better_landmarks(
    portraits: list[Picture], better: FaceDetector
) -> None:
    alone, given = with_landmarks_of(better, _unmarked(portraits))
    assert given == len(portraits) > 30
    whole = [
        dataclasses.replace(one, landmarks=better.find(one.image, 0.5).landmarks[:1])
        for one in portraits
    ]
    assert _errors(alone, portraits) < 0.97 * _errors(whole, portraits)
    # In the picture's own pixels: a shift by half a pixel would be seen in the mean.
    differences = [one.landmarks - other.landmarks for one, other in zip(alone, whole, strict=True)]
    assert np.abs(np.mean(differences, axis=(0, 1, 2))).max() < 0.4


def test_a_picture_may_be_of_any_size_and_a_face_at_its_edge(
    portraits: list[Picture], better: FaceDetector
) -> None:
    one = portraits[0]
    left, top, right, bottom = one.boxes[0].astype(int)
    cut = dataclasses.replace(
        one,
        image=np.ascontiguousarray(one.image[top:bottom, left:right]),
        boxes=one.boxes - np.array([left, top, left, top], np.float32),
    )
    (told,), given = with_landmarks_of(better, _unmarked([cut]))
    assert given == 1
    away = np.linalg.norm(told.landmarks + np.array([left, top]) - one.landmarks, axis=-1)
    assert away.max() < 0.3 * np.linalg.norm(one.landmarks[0, 0] - one.landmarks[0, 1])


def test_peoples_landmarks_move_half_of_the_way(
    portraits: list[Picture], better: FaceDetector
) -> None:
    moved, _ = with_landmarks_of(better, portraits[:5])
    told, _ = with_landmarks_of(better, _unmarked(portraits[:5]))
    for half, one, before in zip(moved, told, portraits, strict=False):
        np.testing.assert_allclose(
            half.landmarks, (one.landmarks + before.landmarks) / 2, rtol=1e-5
        )
        assert half.by_people.all()


class _Blind:
    """Finds no face, or one that is elsewhere or that is not mirrored."""

    def __init__(self, boxes: list[list[float]]) -> None:
        self.boxes, self.asked = boxes, 0

    def find(self, image: npt.NDArray[np.uint8], score_threshold: float) -> Candidates:
        self.asked += 1
        boxes = np.array(self.boxes, np.float32).reshape(-1, 4)
        points = np.zeros((len(boxes), 5, 2), np.float32)
        return Candidates(np.ones(len(boxes), np.float32), boxes, points)


@pytest.mark.parametrize("boxes", [[], [[0, 0, 20, 20]], [[60, 60, 110, 160]]])
def test_faces_that_are_not_found_twice_keep_their_landmarks(
    boxes: list[list[float]], portraits: list[Picture]
) -> None:
    blind = _Blind(boxes)
    (same,), given = with_landmarks_of(blind, portraits[:1])
    assert (given, blind.asked) == (0, 2)
    np.testing.assert_array_equal(same.landmarks, portraits[0].landmarks)


def test_tiny_and_ignored_faces_are_not_asked_for(portraits: list[Picture]) -> None:
    one = portraits[0]
    tiny = (
        one.boxes * (LEAST_FACE_PIXELS - 0.1) / float((one.boxes[0, 2:] - one.boxes[0, :2]).max())
    )
    ignored = dataclasses.replace(one, ignored=np.ones_like(one.ignored))
    blind = _Blind([])
    assert with_landmarks_of(blind, [dataclasses.replace(one, boxes=tiny), ignored])[1] == 0
    assert blind.asked == 0


def test_gathered_faces_have_them_and_hard_ones_stay_as_frequent(
    few: Path, teacher: Path, tables: Path, tmp_path: Path
) -> None:
    files = few, teacher, tables / "fer2013.csv"
    shipped = SHIPPED / "face-detector.tflite"
    both = gather(Sources(*files), tmp_path), gather(Sources(*files, shipped), tmp_path)
    before, after = both
    assert [one.name for one in after.cutouts.faces] == [one.name for one in before.cutouts.faces]
    assert any(one.by_people.any() for one in after.training)
    for some, others in (
        (before.training, after.training),
        (before.cutouts.faces, after.cutouts.faces),
    ):
        changed = [
            not np.array_equal(one.landmarks, other.landmarks, equal_nan=True)
            for one, other in zip(some, others, strict=True)
            if len(one.boxes) and not one.ignored.all()
        ]
        assert np.mean(changed) > 0.7
    # What is held out is as people marked it.
    for one, other in zip(before.selection, after.selection, strict=True):
        np.testing.assert_array_equal(one.landmarks, other.landmarks)
    unknown = [sum(np.isnan(one.landmarks).any() for one in some.cutouts.faces) for some in both]
    assert unknown[1] < 0.5 * unknown[0]


def test_a_runs_network_may_teach_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "model.keras"
    save_network(face_network(FAST_NETWORK), file)
    assert not len(open_landmark_teacher(file).find(np.zeros((224, 224), np.uint8), 0.9).scores)
    keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)]).save(tmp_path / "other.keras")
    (tmp_path / "broken.keras").write_bytes(b"PK")
    for name, message in (("other", "is no face detector's network"), ("broken", "cannot be read")):
        with pytest.raises(RunError, match=rf"{name}\.keras {message}"):
            open_landmark_teacher(tmp_path / f"{name}.keras")
    with pytest.raises(ModelError):
        open_landmark_teacher(SHIPPED / "nano.tflite")


def test_a_wrong_teacher_is_told_of_before_the_data_are_read(tmp_path: Path) -> None:
    data = tmp_path / "data.zip"
    data.write_bytes(b"no zip")
    done = called(
        main,
        "detector",
        "fit",
        *("--data", str(data)),
        *("--landmarks", str(SHIPPED / "nano.tflite"), "--run", str(tmp_path / "run")),
    )
    assert done.returncode == 1
    assert "nano.tflite" in done.stderr
    assert "data.zip" not in done.stderr
