"""A network that is not converted yet searches as the runtime does."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from train.detector.candidate_detectors import FloatDetector
from train.detector.network import face_network
from train.detector.settings import FAST_NETWORK, PYRAMID_NETWORK

IMAGE = np.random.default_rng(1).integers(0, 256, (96, 128), np.uint8)


def scoring(name: str, logit: float) -> keras.Model:
    """A network all of whose cells have nearly this logit, and boxes of a stride."""
    network = face_network(name)
    for layer in network.layers:
        if layer.name.endswith("_faces"):
            kernel, bias = layer.get_weights()
            layer.set_weights([0 * kernel, np.where(np.arange(len(bias)) == 0, logit, 0 * bias)])
    return network


@pytest.fixture
def sizes(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Width and height of all that networks are shown."""
    shown: list[tuple[int, int]] = []
    seen = keras.Model.predict_on_batch

    def noting(model: keras.Model, batch: Any) -> Any:
        shown.append((batch.shape[2], batch.shape[1]))
        return seen(model, batch)

    monkeypatch.setattr(keras.Model, "predict_on_batch", noting)
    return shown


@pytest.mark.parametrize("name", [PYRAMID_NETWORK, FAST_NETWORK])
def test_larger_pictures_are_searched_in_a_copy_too(
    name: str, sizes: list[tuple[int, int]]
) -> None:
    network = scoring(name, -9)
    FloatDetector(network, 128).search(IMAGE, 0.5)
    assert sizes == [(128, 96)]
    FloatDetector(network, 127).search(IMAGE, 0.5)
    assert len(sizes) == 3
    assert (128, 96) in sizes[1:]
    FloatDetector(network, 32).find(IMAGE, 0.5)
    assert sizes[3:] == [(128, 96)]


def test_doubtful_faces_are_searched_again(sizes: list[tuple[int, int]]) -> None:
    network = scoring(PYRAMID_NETWORK, 0.1)
    detector = FloatDetector(network, 128)
    detector.search(IMAGE, 0.53)
    assert sizes[0] == (128, 96)
    assert len(sizes) > 1
    assert set(sizes[1:]) == {(96, 96)}
    assert len(detector.find(IMAGE, 0.51).scores)
    assert sizes[-1] == (128, 96)
