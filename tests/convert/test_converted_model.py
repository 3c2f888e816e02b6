"""A finished run becomes an int8 model that the runtime reads, and that answers as it did."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from convert.emotion import calibration_part
from fer_edge import EmotionClassifier, open_camera
from fer_edge.calibration_error import calibration_error
from fer_edge.errors import ModelError
from fer_edge.handover import EmotionHandover
from fer_edge.interpreter import Interpreter
from fer_edge.models.card import InputSpec
from fer_edge.models.file import read_model
from fer_edge.recognizer import Recognizer
from tests.conftest import ROOT
from train.emotion.run import EmotionRun


@pytest.fixture(scope="module")
def converted(run: EmotionRun) -> Path:
    """By a process of its own, in which TensorFlow is silent."""
    command = [sys.executable, "-m", "convert", str(run.folder), "--largest-loss", "20"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=600)
    assert (done.returncode, done.stderr) == (0, "")
    assert "PrivateTest" in done.stdout
    assert "faces change their answer" in done.stdout
    assert "ms a face" in done.stdout
    return run.folder / f"{run.read_card().name}.tflite"


def test_the_file_is_int8_and_carries_what_was_measured(converted: Path) -> None:
    assert converted.stat().st_size < 1_000_000
    card = read_model(converted).card
    assert set(card.accuracy) == {"float32", "int8"}
    assert set(card.accuracy["int8"]) == {"fer2013", "ferplus"}
    assert "converter_tensorflow" in card.versions


def test_the_calibration_error_is_that_of_the_file(converted: Path, run: EmotionRun) -> None:
    """And not the float network's, which does not ship."""
    classifier = EmotionClassifier(converted)
    tests = EmotionHandover.read(run.faces_file).tests["PrivateTest"]
    told = classifier.probabilities(tests.images).astype(float)
    for truth, right in tests.truths.items():
        expected = calibration_error(told[right >= 0], right[right >= 0])
        assert classifier.card.calibration_error[truth] == pytest.approx(expected, abs=1e-4)


def test_a_calibration_error_by_hand() -> None:
    """Bins of a fifteenth: 0.9 twice, one right (off by 0.4); 0.55 and 0.58, both right."""
    sure = np.array([0.9, 0.9, 0.55, 0.58])
    right = np.array([0, 1, 0, 0])
    error = calibration_error(np.stack([sure, 1 - sure], axis=1), right)
    assert error == pytest.approx((2 * 0.4 + 0.45 + 0.42) / 4)


def test_it_answers_as_the_float_network_does(converted: Path, run: EmotionRun) -> None:
    classifier = EmotionClassifier(converted)
    network = keras.saving.load_model(run.model_file, compile=False)
    with np.load(run.faces_file) as arrays:
        images = arrays["public_test_images"]
    logits = np.array(network.predict(images.astype("float32"), verbose=0))
    logits /= classifier.card.temperature
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    expected = powers / powers.sum(axis=1, keepdims=True)
    assert np.abs(classifier.probabilities(images) - expected).mean() < 0.03


def test_the_runtime_takes_it_by_its_path(converted: Path) -> None:
    with open_camera("sample") as camera:
        (face,) = Recognizer(converted)(next(iter(camera))).faces
    assert sum(face.emotion.probabilities.values()) == pytest.approx(1, abs=1e-4)


def test_fewer_faces_do_where_each_is_larger() -> None:
    faces = np.arange(1000, dtype=np.uint8).reshape(1000, 1, 1, 1)
    counts = {}
    for side in (48, 96, 128, 224, 1000):
        counts[side] = len(calibration_part(faces, InputSpec(side, side, "grey", 0.0)))
    assert counts == {48: 1000, 96: 250, 128: 143, 224: 100, 1000: 100}
    assert len(calibration_part(faces[:50], InputSpec(224, 224, "rgb", 0.0))) == 50


def test_a_foreign_model_of_floats_is_refused(tmp_path: Path) -> None:
    pixels = keras.Input((4, 4, 1))
    network = keras.Model(pixels, keras.layers.GlobalAveragePooling2D()(pixels))
    network.export(tmp_path / "floats.tflite", format="litert", verbose=False)
    content = (tmp_path / "floats.tflite").read_bytes()
    with pytest.raises(ModelError, match="int8 or uint8 in and out, got float32"):
        Interpreter(content)
