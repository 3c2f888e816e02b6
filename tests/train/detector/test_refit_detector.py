"""A detector's landmarks are fitted anew to people's marks."""

from __future__ import annotations

import dataclasses
import math

import keras
import numpy as np
import pytest

from train.detector.landmarks.plain_outputs import output_layer, with_plain_outputs
from train.detector.landmarks.refit import fit_landmarks, fitted
from train.detector.landmarks.samples import LANDMARK_NUMBERS, Samples, landmark_samples
from train.detector.network import face_network
from train.detector.scenes.placed import Scene
from train.detector.settings import FAST_NETWORK, PYRAMID_NETWORK
from train.detector.targets import STRIDES
from train.errors import RunError

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
    names = [layer.name for layer in plain.layers if layer.name.endswith("_numbers")]
    assert names == ["stride8_numbers"]
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
    # The least mean square is drawn by them: the biases by a tenth of 4.
    squares = np.linalg.lstsq(few_off.features, few_off.lacking.reshape(-1, 10), rcond=None)[0]
    assert np.abs(squares - right).max() > 0.3


def test_what_would_move_landmarks_elsewhere_is_hardly_used() -> None:
    samples, right = made_up(400)
    freely = fitted(samples)
    elsewhere = samples.elsewhere.copy()
    # Where no face is, the first input is large.
    elsewhere[0, 0] += 100 * elsewhere[-1, -1]
    bound = fitted(dataclasses.replace(samples, elsewhere=elsewhere))
    assert np.abs(bound[0]).max() < 0.7 * np.abs(freely[0]).max()
    assert np.abs(bound[1:] - right[1:]).max() < 0.1


def test_faces_count_once_and_only_with_good_marks() -> None:
    """Two faces; one ignored, one with half of its marks, one whose eyes are in one place."""
    network = finding(FAST_NETWORK)
    one = scenes(1)[0]
    corners = np.array([[0, 0], [32, 32], [64, 0], [96, 96], [0, 96]], np.float32)
    marks = MARKS + corners[:, np.newaxis] + 16
    marks[3, 4] = np.nan
    marks[4, 1] = marks[4, 0]
    several = dataclasses.replace(
        one,
        boxes=np.concatenate([corners, corners + 32], axis=1),
        landmarks=marks,
        ignored=np.arange(5) == 2,
        by_people=np.ones(5, np.bool_),
    )
    samples = landmark_samples(network, iter([several]))[32]
    assert len(samples.weights) == 2
    assert samples.elsewhere[-1, -1] == 16
    # Larger boxes overlap, so that more cells see a face. Its cells count as one face together.
    samples = landmark_samples(finding(FAST_NETWORK, face_strides=6), iter([wide(one)]))[32]
    assert len(samples.weights) > 1
    assert samples.weights.sum() == pytest.approx(1, abs=1e-5)


def wide(one: Scene) -> Scene:
    """The same face in a box of 192 pixels."""
    middle = (one.boxes[:, :2] + one.boxes[:, 2:]) / 2
    return dataclasses.replace(one, boxes=np.concatenate([middle - 96, middle + 96], axis=1))
