"""The interpreter's room, and what comes out of the classifier."""

from __future__ import annotations

import dataclasses
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fer_edge import (
    ArgumentError,
    BackendMissingError,
    Box,
    Detection,
    EmotionClassifier,
    ModelError,
    interpreter,
)
from fer_edge.cameras.sample import FACE_BOX
from fer_edge.frame import Frame
from fer_edge.interpreter import LARGEST_BATCH, Interpreter
from fer_edge.models import find_model
from fer_edge.models.file import read_model
from fer_edge.pictures.picture_file import read_picture
from fer_edge.tflite_backend import BACKENDS, INTERPRETER_VARIABLE, built_interpreter
from tests.runtime.scripted import seen

CONTENT = read_model(find_model("edge")).content


@pytest.fixture(scope="module")
def classifier() -> EmotionClassifier:
    return EmotionClassifier()


def test_the_interpreter_asked_for_runs(classifier: EmotionClassifier) -> None:
    assert classifier.interpreter.backend == (os.environ.get(INTERPRETER_VARIABLE) or "litert")


def test_an_unknown_interpreter_is_refused() -> None:
    with pytest.raises(ArgumentError, match="one of: litert, tflite-runtime"):
        Interpreter(CONTENT, backend="abacus")


def test_a_variable_that_names_no_interpreter_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(INTERPRETER_VARIABLE, "abacus")
    with pytest.raises(ArgumentError, match=f"{INTERPRETER_VARIABLE} is 'abacus'"):
        Interpreter(CONTENT)
    monkeypatch.setenv(INTERPRETER_VARIABLE, "")
    assert Interpreter(CONTENT).backend in BACKENDS


def test_the_last_sizes_stay_prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    built = list[str]()

    def counted(*arguments: Any) -> tuple[str, Any]:
        built.append("one")
        return built_interpreter(*arguments)

    monkeypatch.setattr(interpreter, "built_interpreter", counted)
    faces = Interpreter(read_model(find_model("face-detector")).content)
    channels = faces.input_shape[-1]
    for side in (64, 96, 128, 160, 192):
        faces.raw(np.zeros((1, side, side, channels), np.uint8))
    prepared = len(built)
    for side in (96, 128, 160, 192, 96):
        faces.raw(np.zeros((1, side, side, channels), np.uint8))
    assert len(built) == prepared
    faces.raw(np.zeros((1, 64, 64, channels), np.uint8))
    assert len(built) == prepared + 1


def test_a_missing_interpreter_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ai_edge_litert", None)
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    monkeypatch.setitem(sys.modules, "tflite_runtime", None)
    monkeypatch.setitem(sys.modules, "tflite_runtime.interpreter", None)
    monkeypatch.delenv(INTERPRETER_VARIABLE, raising=False)
    with pytest.raises(BackendMissingError, match="pip install ai-edge-litert"):
        Interpreter(CONTENT)


def test_an_interpreter_that_was_asked_for_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "tflite_runtime", None)
    monkeypatch.setitem(sys.modules, "tflite_runtime.interpreter", None)
    with pytest.raises(BackendMissingError, match=r"pip install tflite-runtime.*or ask for none"):
        Interpreter(CONTENT, backend="tflite-runtime")


def test_what_is_no_flatbuffer_is_a_model_error() -> None:
    with pytest.raises(ModelError):
        Interpreter(b"not a model")


def test_pictures_that_do_not_fit_are_a_model_error_and_the_next_are_read() -> None:
    interpreter = Interpreter(CONTENT)
    grey = np.full((2, 48, 48, 1), 99, np.uint8)
    before = interpreter.run(grey)[0]
    with pytest.raises(ModelError, match=r"takes none of \(48, 48, 3\)"):
        interpreter.run(np.repeat(grey, 3, axis=3))
    assert np.allclose(interpreter.run(grey)[0], before, atol=0.05)


def test_a_batch_says_what_its_faces_say_alone(classifier: EmotionClassifier) -> None:
    random = np.random.default_rng(1)
    batch = random.integers(0, 256, (LARGEST_BATCH + 3, 48, 48, 1), dtype=np.uint8)
    together = classifier.probabilities(batch)
    alone = np.concatenate([classifier.probabilities(face[np.newaxis]) for face in batch])
    assert together.shape == (len(batch), 7)
    assert np.allclose(together.sum(axis=1), 1, atol=1e-5)
    # The kernels for one and for many may round a sum to the next of 256 steps.
    assert np.abs(together - alone).max() < 0.05
    assert len(np.unique(together, axis=0)) > 1


def test_no_faces_cost_nothing(classifier: EmotionClassifier, frame: Frame) -> None:
    assert classifier.read(frame.image, []) == ()


def test_the_portrait_is_happy(classifier: EmotionClassifier, portrait: object) -> None:
    from fer_edge.cameras.sample import PORTRAIT_FILE
    from fer_edge.pictures.picture_file import read_picture

    emotion = classifier.read(read_picture(PORTRAIT_FILE), [Detection(FACE_BOX, FACE_BOX, 1.0)])[0]
    assert emotion.label == "happy"
    assert emotion.probability == max(emotion.probabilities.values()) > 0.6
    assert list(emotion.probabilities) == list(classifier.card.labels)
    assert sum(emotion.probabilities.values()) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_face_that_leans_is_read_upright(
    turns: int, classifier: EmotionClassifier, portrait: Path
) -> None:
    left, top, border = int(FACE_BOX.x), int(FACE_BOX.y), 60
    side = int(FACE_BOX.width) + 2 * border
    picture = read_picture(portrait)[top - border :, left - border :][:side, :side]
    # In the middle of a square picture, a quarter turn leaves the face's box where it is.
    upright = seen(Box(border, border, FACE_BOX.width, FACE_BOX.height))
    landmarks = upright.landmarks
    for _ in range(turns):
        landmarks = tuple((side - y, x) for x, y in landmarks)
    leaning = dataclasses.replace(upright, landmarks=landmarks)
    (expected,) = classifier.read(picture, [upright])
    (found,) = classifier.read(np.rot90(picture, -turns).copy(), [leaning])
    assert expected.label == "happy"
    assert found.probabilities == pytest.approx(expected.probabilities, abs=0.1)
