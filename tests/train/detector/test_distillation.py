"""Learning YuNet's features: the teacher in Keras is YuNet; a student begins with its layers."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest

from fer_edge.detectors.grid import CHANNELS, candidates, pairwise_iou
from fer_edge.detectors.search import padded
from train.detector.candidate_detectors import YuNet
from train.detector.data.pictures import Picture
from train.detector.distillation import FeatureDistance, with_features
from train.detector.losses import detection_loss
from train.detector.network import face_network
from train.detector.pyramid import FEATURES
from train.detector.scenes.placed import Scene
from train.detector.settings import PYRAMID_NETWORK
from train.detector.targets import STRIDES, cell_targets
from train.detector.yunet_network import take_layers, yunet_network
from train.errors import RunError

CELLS = sum((64 // stride) * (96 // stride) for stride in STRIDES)
"""Of a picture of 96x64."""


@pytest.fixture(scope="module")
def yunet_file(shared: Callable[[str], Path]) -> Path:
    return shared("models/face_detection_yunet_2023mar.onnx")


@pytest.fixture(scope="module")
def teacher(yunet_file: Path) -> keras.Model:
    return yunet_network(yunet_file)


def test_the_teacher_finds_what_opencvs_yunet_finds(
    teacher: keras.Model, yunet_file: Path, learned: list[Picture]
) -> None:
    """Without its logit of a face's class, and measured from the cells' centres."""
    opencv, seen = YuNet(yunet_file), 0
    for picture in [one for one in learned if one.source == "portraits"][:300:30]:
        image = padded(picture.image, STRIDES[-1])
        pixels = image[np.newaxis, ..., np.newaxis].astype(np.float32)
        grids = []
        for grid in teacher.predict_on_batch(pixels):
            numbers = np.asarray(grid)[0, ..., 1:].copy()
            numbers[..., 1:3] -= 0.5
            numbers[..., 5:] -= 0.5
            grids.append(numbers)
        found = candidates(grids, STRIDES, 0.5)
        for box in opencv.find(image, 0.8).boxes:
            assert pairwise_iou(box[np.newaxis], found.boxes).max() > 0.97
            seen += 1
    assert seen >= 8


def test_a_student_begins_with_the_teachers_layers(teacher: keras.Model) -> None:
    network = face_network(PYRAMID_NETWORK)
    take_layers(network, teacher)
    blocks = [layer.name for layer in network.layers if layer.name.endswith(("_point", "_depth"))]
    same = [name for name in blocks if "_more" not in name]
    assert (len(blocks), len(same)) == (34, 26)
    for one in same:
        for mine, theirs in zip(
            network.get_layer(one).get_weights(), teacher.get_layer(one).get_weights(), strict=True
        ):
            assert np.array_equal(mine, theirs)
    features = np.random.default_rng(1).normal(size=(1, 4, 6, 64)).astype(np.float32)
    heads = [
        np.asarray(model.get_layer("stride8_faces")(model.get_layer("stride8_numbers")(features)))
        for model in (network, teacher)
    ]
    from_centres = np.zeros(CHANNELS, np.float32)
    from_centres[1:3] = from_centres[5:] = 0.5
    np.testing.assert_allclose(heads[0] + from_centres, heads[1][..., 1:], atol=1e-4)


def test_its_further_blocks_change_little_at_first() -> None:
    network = face_network(PYRAMID_NETWORK)
    pixels = np.random.default_rng(3).uniform(0, 255, (1, 96, 128, 1)).astype(np.float32)
    for stride in (16, 32):
        added = network.get_layer(f"stride{stride}_more_add")
        before, after = keras.Model(network.inputs[0], [added.input[0], added.output])(pixels)
        difference = np.asarray(after) - np.asarray(before)
        assert 0 < np.abs(difference).max() < 0.1 * np.asarray(before).max()


def test_the_distance_is_in_the_teachers_variances() -> None:
    random = np.random.default_rng(2)
    theirs = [
        random.normal(0, scale, (2, 64 // stride, 96 // stride, 8)).astype(np.float32)
        for scale, stride in zip((0.1, 10, 1, 1, 1, 1, 1), FEATURES.values(), strict=True)
    ]
    layer = FeatureDistance(3.0, tuple(FEATURES.values()))
    rows = np.zeros((2, CELLS, CHANNELS), np.float32)
    same = np.asarray(layer(rows, theirs, theirs))
    assert same.shape == (2, CELLS, CHANNELS + 1)
    assert not same.any()
    mine = [one + one.std(axis=(0, 1, 2)) for one in theirs]
    column = np.asarray(layer(rows, mine, theirs))[..., CHANNELS]
    np.testing.assert_allclose(column.sum(axis=1), 3, rtol=1e-3)
    # Three layers say what is at stride 8, two each at 16 and 32, where cells are fewer.
    np.testing.assert_allclose(
        column[0, [0, -7, -1]], [9 / 7 / 96, 6 / 7 / 24, 6 / 7 / 6], rtol=1e-2
    )


def test_a_checkpoint_without_strides_is_of_yunets_features() -> None:
    before = {"name": "distance", "trainable": True, "dtype": "float32", "weight": 3.0}
    assert FeatureDistance.from_config(before).strides == list(FEATURES.values())


def test_features_are_not_learned_where_a_head_leans() -> None:
    side = 64
    boxes = np.array([[8, 8, 32, 40], [36, 36, 60, 60]], np.float32)
    level = np.array([[14, 20], [26, 20], [20, 26], [15, 33], [25, 33]], np.float32)
    turn = np.array([[0.5, 0.87], [-0.87, 0.5]], np.float32)
    leaning = (level - level.mean(axis=0)) @ turn + 48
    scene = Scene(
        np.zeros((side, side), np.uint8),
        boxes,
        np.stack([level, leaning]),
        np.zeros(2, np.bool_),
        np.ones(2, np.bool_),
    )
    wanted = cell_targets(scene, side)
    learned = wanted[: (side // 8) ** 2, 18].reshape(side // 8, side // 8)
    assert not learned[5:7, 5:7].any()
    assert learned[:4].all()
    outputs = np.zeros((1, len(wanted), CHANNELS + 1), np.float32)
    before = float(detection_loss(wanted[np.newaxis], outputs)[0])
    outputs[..., CHANNELS] = 1 - wanted[..., 18]
    assert float(detection_loss(wanted[np.newaxis], outputs)[0]) == before
    outputs[..., CHANNELS] = wanted[..., 18]
    more = float(detection_loss(wanted[np.newaxis], outputs)[0]) - before
    assert more == pytest.approx(wanted[..., 18].sum(), rel=1e-4)


def test_both_have_the_features_that_are_compared(teacher: keras.Model) -> None:
    pixels = np.zeros((1, 64, 96, 1), np.float32)
    shapes = [
        [tuple(one.shape) for one in with_features(model, FEATURES)(pixels)[len(STRIDES) :]]
        for model in (teacher, face_network(PYRAMID_NETWORK))
    ]
    assert shapes[0] == shapes[1]
    assert len(shapes[0]) == len(FEATURES)


def test_another_file_is_refused(yunet_file: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.onnx"
    cut.write_bytes(yunet_file.read_bytes()[:100_000])
    for path in (cut, tmp_path / "missing.onnx"):
        with pytest.raises(RunError, match=f"{path.name} is not YuNet 2023mar"):
            yunet_network(path)


def test_without_onnx_it_says_what_to_install(
    yunet_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(RunError, match="pip install onnx"):
        yunet_network(yunet_file)
