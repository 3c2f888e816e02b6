"""A detector's landmarks are fitted anew to people's marks."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import keras
import numpy as np
import pytest

from fer_edge.errors import FerEdgeError
from tests.called import called
from train.__main__ import main
from train.detector import finish
from train.detector import fit as room
from train.detector.data.pictures import read_pictures, split_pictures
from train.detector.data.training_set import Sources
from train.detector.fit import fit_detector
from train.detector.landmark_samples import LANDMARK_NUMBERS, Samples
from train.detector.network import face_network
from train.detector.plain_outputs import output_layer, with_plain_outputs
from train.detector.refit import fit_landmarks, fitted, refit_landmarks
from train.detector.run import DetectorRun
from train.detector.scenes.placed import Scene
from train.detector.scenes.single import OTHER_VIEWS, single_scenes
from train.detector.settings import FAST_NETWORK, PYRAMID_NETWORK, DetectorSettings
from train.detector.targets import STRIDES
from train.errors import RunError
from train.run.network_file import load_network, save_network

MARKS = np.array([[-7, -8], [7, -8], [1, 0], [-5, 8], [5, 8]], np.float32)
"""Landmarks of every face here, in pixels from the middle of its box."""


def finding(name: str, *, face_strides: float = 1.0) -> keras.Model:
    """A network that finds a face in each cell of stride 32, of this many strides, and no other."""
    network = face_network(name)
    for stride in STRIDES:
        layer = output_layer(network, stride)
        kernel, biases = layer.get_weights()
        kernel[:, :, :5] = kernel[..., :5] = 0
        biases[:5] = [2 if stride == 32 else -9, 0, 0, *[math.log(face_strides)] * 2]
        layer.set_weights([kernel, biases])
    return network


def scenes(count: int, *, by_people: bool = True) -> list[Scene]:
    """Noise, with a face of 32 pixels in the middle of a cell each."""
    random = np.random.default_rng(3)
    made = []
    for _ in range(count):
        corner = 32 * random.integers(0, 4, 2)
        box = np.concatenate([corner, corner + 32])
        made.append(
            Scene(
                random.integers(0, 256, (128, 128), np.uint8),
                box[np.newaxis].astype(np.float32),
                (MARKS + corner + 16)[np.newaxis].astype(np.float32),
                np.zeros(1, np.bool_),
                np.full(1, by_people),
            )
        )
    return made


def numbers_of(network: keras.Model, one: Scene) -> np.ndarray:
    """Of the face's cell."""
    grid = network.predict_on_batch(one.image[np.newaxis, ..., np.newaxis].astype(np.float32))[2]
    column, row = (one.boxes[0, :2] // 32).astype(int)
    return np.asarray(grid[0, row, column, :15])


def test_plain_outputs_give_the_same_numbers() -> None:
    network = face_network(PYRAMID_NETWORK)
    random = np.random.default_rng(2)
    for layer in network.layers:
        layer.set_weights([random.normal(0, 0.1, part.shape) for part in layer.get_weights()])
    plain = with_plain_outputs(network)
    assert [layer.name for layer in network.layers if "numbers" in layer.name] != []
    pixels = random.integers(0, 256, (1, 160, 160, 1)).astype(np.float32)
    pairs = zip(network.predict_on_batch(pixels), plain.predict_on_batch(pixels), strict=True)
    for before, after in pairs:
        inner = (slice(None), slice(1, -1), slice(1, -1))
        np.testing.assert_allclose(before[inner], after[inner], rtol=1e-3, atol=1e-4)
    kinds = {stride: type(output_layer(plain, stride)).__name__ for stride in STRIDES}
    assert kinds == {8: "DepthwiseConv2D", 16: "Conv2D", 32: "Conv2D"}
    # The fast network's are plain, and stay as they are.
    fast = face_network(FAST_NETWORK)
    assert [one.name for one in with_plain_outputs(fast).layers] == [x.name for x in fast.layers]


@pytest.mark.parametrize("name", [PYRAMID_NETWORK, FAST_NETWORK])
def test_landmarks_come_to_the_marks_and_nothing_else_changes(name: str) -> None:
    network = with_plain_outputs(finding(name))
    known, new = scenes(400), scenes(404)[400:]
    before = [numbers_of(network, one) for one in new]
    weights = [layer.get_weights() for layer in network.layers]
    fit_landmarks(network, iter(known))
    for one, old in zip(new, before, strict=True):
        numbers = numbers_of(network, one)
        np.testing.assert_array_equal(numbers[:5], old[:5])
        away = np.linalg.norm(32 * numbers[LANDMARK_NUMBERS].reshape(5, 2) - MARKS, axis=1)
        assert away.max() < 2
        assert np.linalg.norm(32 * old[LANDMARK_NUMBERS].reshape(5, 2) - MARKS, axis=1).max() > 5
    for layer, earlier in zip(network.layers, weights, strict=True):
        for one, other in zip(layer.get_weights(), earlier, strict=True):
            if layer is output_layer(network, 32):
                one, other = (np.delete(part, LANDMARK_NUMBERS, axis=-1) for part in (one, other))
            np.testing.assert_array_equal(one, other)


def test_marks_by_another_detector_do_not_count() -> None:
    with pytest.raises(RunError, match=r"finds none of the faces.*train it longer"):
        fit_landmarks(finding(FAST_NETWORK), iter(scenes(3, by_people=False)))


def made_up(count: int, *, far_off: int = 0) -> tuple[Samples, np.ndarray]:
    """Samples whose landmarks lack what a map of the inputs gives, and that map."""
    random = np.random.default_rng(4)
    inputs = np.c_[random.normal(0, 1, (count, 6)), np.ones(count)].astype(np.float32)
    right = random.normal(0, 0.3, (7, 10)).astype(np.float32)
    lacking = (inputs @ right).reshape(-1, 5, 2)
    lacking[:far_off] += 4
    weights = np.ones(count, np.float32)
    return Samples(inputs, lacking, weights, (inputs.T @ inputs).astype(np.float64)), right


def test_the_fit_finds_the_map_though_some_marks_are_far_off() -> None:
    few_off, right = made_up(400, far_off=40)
    assert np.abs(fitted(few_off) - right).max() < 0.12
    # The mean of squares would be drawn by them: a tenth of 4.
    assert np.abs(fitted(few_off)[-1] - right[-1]).max() < 0.12


def test_what_would_move_landmarks_elsewhere_is_hardly_used() -> None:
    samples, right = made_up(400)
    freely = fitted(samples)
    elsewhere = samples.elsewhere.copy()
    # Where no face is, the first input is large.
    elsewhere[0, 0] += 100 * elsewhere[-1, -1]
    bound = fitted(dataclasses.replace(samples, elsewhere=elsewhere))
    assert np.abs(bound[0]).max() < 0.7 * np.abs(freely[0]).max()
    assert np.abs(bound[1:] - right[1:]).max() < 0.1


def test_a_picture_is_shown_as_it_is_mirrored_and_otherwise(few: Path) -> None:
    picture = next(one for one in read_pictures(few, "train") if one.by_people.any())
    as_it_is, mirrored, *others = single_scenes([picture], np.random.default_rng(1))
    height, width = picture.image.shape
    assert np.array_equal(as_it_is.image[:height, :width], picture.image)
    assert not as_it_is.image[height:].any()
    assert not as_it_is.image[:, width:].any()
    np.testing.assert_allclose(as_it_is.landmarks, picture.landmarks, atol=0.01)
    assert np.array_equal(mirrored.image[:height, :width], picture.image[:, ::-1])
    right_eye, left_eye = picture.landmarks[0, :2]
    np.testing.assert_allclose(
        mirrored.landmarks[0, 0], [width - left_eye[0], left_eye[1]], atol=0.01
    )
    np.testing.assert_allclose(
        mirrored.landmarks[0, 1], [width - right_eye[0], right_eye[1]], atol=0.01
    )
    assert len(others) == OTHER_VIEWS
    for one in others:
        assert one.image.shape == as_it_is.image.shape
        assert 0 < one.landmarks[0].min() < one.landmarks[0].max() < len(one.image)


@pytest.fixture(scope="module")
def run(few: Path, tmp_path_factory: pytest.TempPathFactory) -> DetectorRun:
    """A short training whose network then finds faces of 96 pixels everywhere."""
    folder = tmp_path_factory.mktemp("runs")
    made = DetectorRun(folder / "one")
    settings = DetectorSettings.of(
        {
            "training.epochs": 1,
            "training.batch": 8,
            "training.side": 64,
            "network.name": FAST_NETWORK,
        }
    )
    with pytest.MonkeyPatch.context() as patch:
        shorten(patch)
        patch.setattr(room, "VALIDATION_BATCHES", 2)
        fit_detector(settings, Sources(few), made, folder)
    save_network(finding(FAST_NETWORK, face_strides=3), made.model_file)
    return made


def shorten(patch: pytest.MonkeyPatch) -> None:
    for name in ("CALIBRATION_SCENES", "TEST_SCENES"):
        patch.setattr(finish, name, 2)
    patch.setattr(finish, "choose_score_threshold", lambda *_: 0.5)


def test_the_command_fits_a_run_and_says_what_it_gave(
    run: DetectorRun, few: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shorten(monkeypatch)
    run.int8_file.write_bytes(b"made before")
    before = load_network(run.model_file)
    done = called(main, "detector", "refit", run.folder, "--data", few)
    assert (done.returncode, "landmarks are off by" in done.stdout) == (0, True), done.stderr
    after = load_network(run.model_file)
    kernels = [output_layer(one, 32).get_weights()[0] for one in (before, after)]
    changed = (kernels[0] != kernels[1]).any(axis=(0, 1, 2))
    assert changed[LANDMARK_NUMBERS].all()
    assert not np.delete(changed, LANDMARK_NUMBERS).any()
    told = run.read_card().origin["landmarks_refitted"]
    learned = split_pictures(read_pictures(few, "train")).training
    assert told["pictures"] == sum(one.by_people.any() for one in learned)
    assert told["command"].startswith("python -m train detector refit ")
    assert not run.int8_file.exists()
    assert run.is_finished


def test_only_what_a_finished_run_learned_from_is_taken(
    run: DetectorRun, few: Path, teacher: Path, tmp_path: Path
) -> None:
    model = run.model_file.read_bytes()
    other = tmp_path / "other.zip"
    other.write_bytes(b"other pictures")
    for sources, told in (
        (Sources(other), r"other\.zip is not what .* learned from"),
        (Sources(few, teacher), r"yunet.*is not what .* learned from"),
    ):
        with pytest.raises(RunError, match=told):
            refit_landmarks(run, sources)
    assert run.model_file.read_bytes() == model
    with pytest.raises(FerEdgeError, match="is not finished"):
        refit_landmarks(DetectorRun(tmp_path), Sources(few))
    gone = called(main, "detector", "refit", run.folder, "--data", tmp_path / "gone.zip")
    assert (gone.returncode, "gone.zip does not exist" in gone.stderr) == (1, True)
