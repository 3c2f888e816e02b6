"""Targets agree with scenes and with the runtime, and the loss is learned by small networks."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from fer_edge.detectors.grid import CHANNELS, HINTS, candidates, weighted_nms
from train.detector.data.pictures import Picture
from train.detector.losses import detection_loss
from train.detector.network import face_network
from train.detector.rows import Rows
from train.detector.scenes.mosaic import scene
from train.detector.scenes.placed import Scene
from train.detector.settings import FAST_NETWORK, PYRAMID_NETWORK, DetectorSettings
from train.detector.targets import STRIDES, TARGET_COLUMNS, cell_targets
from train.errors import RunError
from train.layers.fast_batch_norm import with_fast_batch_norm
from train.report.network_summary import multiply_adds

SIDE = 256


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("training.epochs", 0),
        ("training.side", 100),
        ("optimizer.ema", 2.0),
        ("training.precision", "float8"),
    ],
)
def test_settings_out_of_range_are_refused(name: str, value: Any) -> None:
    with pytest.raises(RunError, match=name):
        DetectorSettings.of({name: value})


def as_numbers(wanted: np.ndarray) -> list[np.ndarray]:
    """What a perfect network would say: the targets as grids."""
    rows = np.concatenate([np.where(wanted[:, :1] > 0, 9.0, -9.0), wanted[:, 2:16]], axis=1)
    grids: list[np.ndarray] = []
    start = 0
    for stride in STRIDES:
        cells = (SIDE // stride) ** 2
        part = rows[start : start + cells].reshape(SIDE // stride, SIDE // stride, CHANNELS)
        grids.append(part.astype(np.float32))
        start += cells
    return grids


def test_targets_read_back_are_the_scenes_faces(learned: list[Picture]) -> None:
    for seed in range(10):
        one = scene(learned, SIDE, np.random.default_rng(seed))
        wanted = cell_targets(one, SIDE)
        assert wanted.shape[1] == TARGET_COLUMNS
        found = weighted_nms(candidates(as_numbers(wanted), STRIDES, 0.5), 0.9)
        for box, marks, ignored in zip(one.boxes, one.landmarks, one.ignored, strict=True):
            if ignored:
                continue
            away = np.abs(found.boxes - box).max(axis=1)
            # A smaller face in front may have taken the cells of a larger one.
            if away.min() < 0.1:
                nearest = found.landmarks[away.argmin()]
                assert np.isnan(marks).any() or np.abs(nearest - marks).max() < 0.1
        matched = sum(
            np.abs(found.boxes - box).max(axis=1).min() < 0.1 for box in one.boxes[~one.ignored]
        )
        assert matched >= 0.8 * (~one.ignored).sum()


def test_rows_are_the_runtimes_candidates() -> None:
    random = np.random.default_rng(4)
    shapes = [(8, 8, CHANNELS), (4, 4, CHANNELS + HINTS), (2, 2, CHANNELS + HINTS)]
    grids = [random.normal(0, 1, shape).astype(np.float32) for shape in shapes]
    rows = np.asarray(Rows()([grid[np.newaxis] for grid in grids]))[0]
    found = candidates(grids, STRIDES, 1e-6)
    order = np.argsort(-rows[:, 0], kind="stable")
    rows = rows[order]
    assert found.scores == pytest.approx(1 / (1 + np.exp(-rows[:, 0].astype(float))), abs=1e-5)
    strides = np.repeat(STRIDES, [64, 16, 4])[order]
    widths = np.exp(rows[:, 3]) * strides
    assert found.boxes[:, 2] - found.boxes[:, 0] == pytest.approx(widths, rel=1e-3)
    noses = (found.landmarks[:, 2] - found.landmarks[:, 0]) / strides[:, np.newaxis]
    assert noses == pytest.approx(rows[:, 9:11] - rows[:, 5:7], abs=1e-3)


def test_a_perfect_answer_costs_next_to_nothing(learned: list[Picture]) -> None:
    wanted = np.stack(
        [cell_targets(scene(learned, SIDE, np.random.default_rng(n)), SIDE) for n in range(4)]
    )
    perfect = np.stack(
        [
            np.concatenate([grid[..., :CHANNELS].reshape(-1, CHANNELS) for grid in as_numbers(one)])
            for one in wanted
        ]
    )
    best = float(np.mean(detection_loss(wanted, perfect.astype(np.float32))))
    shifted = perfect.copy()
    shifted[..., 1] += 1.0
    assert 0 <= best < 0.01
    assert float(np.mean(detection_loss(wanted, shifted.astype(np.float32)))) > best + 0.1
    blind = perfect.copy()
    blind[..., 0] = -9
    assert float(np.mean(detection_loss(wanted, blind.astype(np.float32)))) > best + 1


def test_ignored_faces_cost_nothing() -> None:
    box = np.array([[50, 50, 90, 100]], np.float32)
    marks = np.full((1, 5, 2), np.nan, np.float32)
    image = np.zeros((SIDE, SIDE), np.uint8)
    wanted = cell_targets(Scene(image, box, marks, np.array([True]), np.array([False])), SIDE)
    assert wanted[:, 0].sum() == 0
    assert (wanted[:, 1] == 0).any()
    seen = np.zeros((1, len(wanted), CHANNELS), np.float32)
    seen[..., 0] = np.where(wanted[:, 1] == 0, 9, -9)
    assert float(np.mean(detection_loss(wanted[np.newaxis], seen))) < 0.01


@pytest.mark.parametrize(
    ("name", "most", "coarse"),
    [(FAST_NETWORK, 75e6, 75), (PYRAMID_NETWORK, 85e6, 15)],
)
def test_networks_are_small_enough_for_a_pi(name: str, most: float, coarse: int) -> None:
    """A Pi 4 manages two to three times as many of plain convolutions as of separable ones."""
    assert multiply_adds(face_network(name, 256, 320)) < most
    assert face_network(name).count_params() < 250_000
    grids = face_network(name)(np.zeros((1, 64, 96, 1), np.float32))
    assert [tuple(grid.shape[1:]) for grid in grids] == [
        (8, 12, 15),
        (4, 6, coarse),
        (2, 3, coarse),
    ]


@pytest.mark.parametrize(("name", "steps"), [(FAST_NETWORK, 25), (PYRAMID_NETWORK, 60)])
def test_the_loss_can_be_learned_from(name: str, steps: int, learned: list[Picture]) -> None:
    """A few steps on one batch of scenes lower it; without batch norm it takes more of them."""
    keras.utils.set_random_seed(1)
    scenes = [scene(learned, 64, np.random.default_rng(n)) for n in range(8)]
    images = np.stack([one.image for one in scenes])[..., np.newaxis].astype(np.float32)
    wanted = np.stack([cell_targets(one, 64) for one in scenes])
    network = with_fast_batch_norm(face_network(name))
    pixels = keras.Input((64, 64, 1))
    model = keras.Model(pixels, Rows()(network(pixels)))
    model.compile(keras.optimizers.Adam(3e-3), loss=detection_loss, jit_compile=False)
    # Else the first step makes the optimizer's variables, and TensorFlow traces it twice.
    model.optimizer.build(model.trainable_variables)
    losses = model.fit(images, wanted, epochs=steps, batch_size=8, verbose=0).history["loss"]
    assert losses[-1] < 0.65 * losses[0]
