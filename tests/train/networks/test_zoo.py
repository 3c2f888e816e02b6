"""Each network of the zoo: it trains on real faces, resumes exactly, and becomes an int8 model."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import keras
import numpy as np
import pytest

from convert.__main__ import convert
from fer_edge import EmotionClassifier, classifier_speed
from train.data.inputs import inputs
from train.data.prepared import Prepared, prepare
from train.emotion.evaluate import evaluate
from train.emotion.fit import fit
from train.emotion.measuring.inference import logits_of
from train.emotion.report.compared_run import compared_run
from train.emotion.run import EmotionRun
from train.emotion.settings import Settings
from train.emotion.training_model import network_of
from train.errors import UsageError
from train.networks import FAMILIES, NETWORKS, build, find_network
from train.report.network_summary import layer_rows, multiply_adds
from train.run.files import read_json, write_json
from train.run.network_file import load_network

COMMON = ("angry", "fear", "happy", "sad", "surprise", "neutral")
"""Disgust is too rare among the few faces that tests use."""
SMALL = {
    "training.epochs": 2,
    "training.batch": 4,
    "data.sample": 8,
    "data.folds": 0,
    "optimizer.ema": 0.5,
    "data.classes": COMMON,
}
LIKE_NANO = (
    *("edge", "wide", "edge_thin", "edge_deep", "edge_broad"),
    *("tied_edge", "tied_wide", "tied_broad", "tied_deep"),
)
"""Only the numbers of layers and channels set these apart from `nano` and `tied_nano`."""
RESUMED = ("lenet", "ckplus_cnn", "nano", "tied_nano")
"""These resume exactly, which shows it of all that the others are made of: convolutions, batch
norm, dropout, tied weights, SGD and Adam."""
ONCE = {
    "training.epochs": 1,
    "optimizer.ema": 0.0,
    "optimizer.weight_decay": 0.0,
    "augmentation.strength": 0.0,
    "augmentation.degradation": 0.0,
}
"""How the others are trained. Average, decay and augmentation take most of the time in which a
training is compiled, and they are the same for every network."""
MILLIONS = {
    # Parameters, multiply-adds.
    "basic_cnn": (1.7, 95),
    "lenet": (0.17, 1.23),
    "vgg16": (14.9, 700),
    "ckplus_cnn": (0.7, 22),
    "custom_cnn": (1.2, 270),
    "resnet18": (11.2, 1800),
    "googlenet": (5.6, 1500),
    "edge": (0.68, 48),
    "nano": (0.297, 8.8),
    "wide": (2.7, 190),
    "tied_edge": (0.68, 49),
    "tied_nano": (0.3, 8.9),
    "edge_thin": (0.38, 28),
    "edge_deep": (0.76, 45),
    "edge_broad": (0.92, 43),
    "edge_depthwise": (0.54, 36),
    "tied_wide": (2.7, 195),
    "tied_broad": (6.1, 437),
    "tied_deep": (4.2, 322),
}


@pytest.fixture(scope="module")
def data(tables: Path, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """A few real faces: 384 to learn from, 8 of each test split."""
    data = prepare(tables / "fer2013.csv", tmp_path_factory.mktemp("cache"))
    some = data.faces.row % 8 == 0
    some[data.faces.split == 0] = True
    return dataclasses.replace(data, faces=data.faces.where(some, "some"))


def as_after_one_epoch(run: EmotionRun, path: Path) -> EmotionRun:
    """What the finished run would be, had it been stopped after its first epoch.

    A real stop is tested with one network only (`test_fit.py`): to train each network a second time
    would take as long again.
    """
    shutil.copytree(run.folder, path)
    stopped = EmotionRun(path)
    stopped.model_file.unlink()
    stopped.checkpoint_file(2).unlink()
    write_json(stopped.history_file, read_json(stopped.history_file)[:1])
    return stopped


@pytest.mark.parametrize("name", [name for name in NETWORKS if name not in LIKE_NANO])
def test_it_trains_resumes_exactly_and_becomes_int8(
    name: str, data: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(classifier_speed, "LONGEST_TIMING_SECONDS", 0.2)
    settings = Settings.of(name, SMALL if name in RESUMED else {**SMALL, **ONCE})
    straight = EmotionRun(tmp_path / "straight")
    network = fit(settings, data, None, straight)
    keras.utils.set_random_seed(settings.training.seed)
    fresh = network_of(settings, len(COMMON))
    kernels = [layer for layer in network.layers if isinstance(layer, keras.layers.Conv2D)]
    assert (
        np.abs(
            kernels[0].get_weights()[0] - fresh.get_layer(kernels[0].name).get_weights()[0]
        ).max()
        > 0
    )
    if name in RESUMED:
        stopped = as_after_one_epoch(straight, tmp_path / "stopped")
        fit(settings, data, None, stopped, resume=True)
        for one, other in zip(
            load_network(straight.model_file).get_weights(),
            load_network(stopped.model_file).get_weights(),
            strict=True,
        ):
            np.testing.assert_array_equal(one, other)
    history = read_json(straight.history_file)
    assert [set(row) for row in history] == settings.training.epochs * [
        {"epoch", "seconds", "accuracy", "loss", "val_accuracy", "val_loss"}
    ]

    evaluate(straight, data.faces, None)
    convert(straight.folder, None, largest_loss=101, even_if_useless=True)
    classifier = EmotionClassifier(straight.folder / f"{name}.tflite")
    spec = find_network(name).input
    assert classifier.card.input == spec
    some = data.faces.only("PublicTest").images[:8]
    expected = logits_of(network, some, spec)
    found = classifier.probabilities(inputs(some, spec))
    powers = np.exp(expected - expected.max(axis=1, keepdims=True))
    assert np.abs(found - powers / powers.sum(axis=1, keepdims=True)).mean() < 0.05
    assert read_json(straight.int8_file)["bytes"] > 1.0 * network.count_params()
    int8 = compared_run(straight).int8
    assert int8 is not None
    assert int8.milliseconds is not None
    assert int8.milliseconds > 0


@pytest.mark.parametrize("name", NETWORKS)
def test_it_is_as_large_as_it_says(name: str) -> None:
    network = build(name, 7, 0.0)
    if len(network.outputs) > 1:
        network = keras.Model(network.inputs, network.outputs[0])
    parameters, work = MILLIONS[name]
    # PyTorch, as a backend of Keras, has no names with dots.
    assert not any("." in layer.name for layer in network.layers)
    assert network.count_params() == pytest.approx(1e6 * parameters, rel=0.06)
    assert multiply_adds(network) == pytest.approx(1e6 * work, rel=0.06)
    assert sum(row.parameters for row in layer_rows(network)) == network.count_params()


def test_a_network_without_its_name_in_capitals_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAMILIES, "lenet", ("lenet", "lenet9"))
    with pytest.raises(UsageError, match=r"train\.networks\.lenet has no LENET9.*in capitals"):
        find_network("lenet9")
