"""What several tests of emotion networks that teach need."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.train.emotion.quick_settings import AS_SHOWN as QUICK
from train.data.prepared import Prepared
from train.emotion.run import EmotionRun
from train.emotion.settings import Settings


@pytest.fixture(scope="session")
def teacher(data: Prepared, tmp_path_factory: pytest.TempPathFactory) -> EmotionRun:
    """A LeNet after twenty epochs. Tests copy its folder before they change it."""
    # Imported above, TensorFlow would print among pytest's own lines.
    from train.emotion.evaluate import evaluate
    from train.emotion.fit import fit

    run = EmotionRun(tmp_path_factory.mktemp("runs") / "teacher")
    choices = {
        **QUICK,
        "training.epochs": 20,
        "optimizer.name": "adam",
        "optimizer.learning_rate": 2e-3,
    }
    fit(Settings.of("lenet", choices), data, None, run)
    evaluate(run, data.faces, None)
    return run


@pytest.fixture
def tied(teacher: EmotionRun, tmp_path: Path) -> EmotionRun:
    """The teacher, made to say the same of a picture and of its mirror image."""
    import keras

    from train.run.network_file import load_network

    copy = EmotionRun(tmp_path / "tied")
    shutil.copytree(teacher.folder, copy.folder)
    network = load_network(copy.model_file)
    for layer in network.layers:
        if isinstance(layer, keras.layers.Conv2D):
            kernel, bias = layer.get_weights()
            layer.set_weights([(kernel + kernel[:, ::-1]) / 2, bias])
    first = network.get_layer("dense120")
    kernel, bias = first.get_weights()
    places = kernel.reshape(*network.get_layer("flatten").input.shape[1:], -1)
    first.set_weights([((places + places[:, ::-1]) / 2).reshape(kernel.shape), bias])
    network.save(copy.model_file)
    return copy
