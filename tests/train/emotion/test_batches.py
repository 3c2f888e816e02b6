"""What a network is shown: faces in batches, varied and mixed, with their targets."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import keras
import numpy as np
import pytest

from fer_edge.models.card import InputSpec
from train.data.sources import read_source, read_votes
from train.emotion.dataset import TrainingSet, batches
from train.emotion.targets import targets
from train.layers.augmentation import augmentation
from train.networks import build


def test_the_edge_network_is_what_it_says() -> None:
    network = build("edge", 7, 0.3)
    assert 0.6e6 < network.count_params() < 0.75e6
    convolutions = [la for la in network.layers if isinstance(la, keras.layers.Conv2D)]
    multiply_adds = sum(
        int(np.prod(la.kernel.shape)) * la.output.shape[1] * la.output.shape[2]
        for la in convolutions
    )
    assert 45e6 < multiply_adds < 50e6


def test_augmentation_varies_faces_in_training_only(tables: Path) -> None:
    faces = read_source(tables).images[:32].astype("float32")
    for layer in augmentation(seed=1, degradation=0.5):
        varied = np.array(layer(faces, training=True))
        assert varied.shape == faces.shape
        assert varied.min() >= 0
        assert varied.max() <= 255
        assert (varied != faces).mean() > 0.005
        assert (np.array(layer(faces, training=False)) == faces).all()
        copy = type(layer).from_config(layer.get_config())
        assert (np.array(copy(faces, training=True)) != faces).mean() > 0.005


def test_batches_go_on_where_they_were_stopped() -> None:
    images = np.arange(20, dtype=np.uint8).reshape(20, 1, 1, 1)
    wanted = np.eye(20, dtype=np.float32)
    training_set = TrainingSet(images, (wanted,), None, InputSpec(1, 1, "grey", 0.0))
    straight = batches(training_set, 6, seed=3, first_epoch=0)
    shown = [next(straight)[0].ravel().tolist() for _ in range(9)]
    again = batches(training_set, 6, seed=3, first_epoch=1)
    assert [next(again)[0].ravel().tolist() for _ in range(6)] == shown[3:]
    assert len({number for batch in shown[:3] for number in batch}) == 18
    assert shown[:3] != shown[3:6]


def test_faces_are_mixed_with_their_targets() -> None:
    images = (10 * np.arange(20, dtype=np.uint8)).reshape(20, 1, 1, 1)
    wanted = np.eye(20, dtype=np.float32)
    training_set = TrainingSet(images, (wanted,), None, InputSpec(1, 1, "grey", 0.0), mixup=0.4)
    pictures, targets_of_them = next(batches(training_set, 10, seed=3, first_epoch=0))
    assert np.allclose(targets_of_them.sum(axis=1), 1)
    assert np.allclose(targets_of_them @ (10 * np.arange(20)), pictures.ravel(), atol=1e-3)
    assert ((targets_of_them > 0).sum(axis=1) == 2).all()
    again, _ = next(batches(training_set, 10, seed=3, first_epoch=0))
    assert (again == pictures).all()
    taught = np.zeros((1, 1, 20, 20), np.float32)
    training_set = dataclasses.replace(training_set, soft_targets=taught, teachers_weight=0.25)
    _, less = next(batches(training_set, 10, seed=3, first_epoch=0))
    assert np.allclose(less, 0.75 * targets_of_them)


def test_targets_mix_labels_and_votes(tables: Path) -> None:
    faces, votes = read_source(tables), read_votes(tables / "fer2013new.csv")
    mixed = targets(faces, votes, 0.5)
    labels = targets(faces, None, 0.5)
    assert np.allclose(mixed.sum(axis=1), 1)
    assert (labels.argmax(axis=1) == faces.label).all()
    # Row 0: labelled angry; 4 neutral, 1 sad, 3 angry, 2 disgust of ten.
    assert mixed[0] == pytest.approx([0.5 + 0.15, 0.1, 0, 0, 0.05, 0, 0.2])
