"""A model that TensorFlow's own converter made runs, and its signatures are read without trust."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import pytest
import tensorflow as tf

from fer_edge import EmotionClassifier
from fer_edge.errors import ModelError
from fer_edge.models.beside_graph import NAMED_TENSOR, SIGNATURE
from fer_edge.models.card import InputSpec, ModelCard
from fer_edge.models.file import attach_card
from fer_edge.models.flatbuffer import Table, root
from fer_edge.models.runnable import check_model
from fer_edge.models.tflite_graph import FILE_IDENTIFIER, MODEL

CARD = ModelCard(
    name="mine",
    labels=("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"),
    input=InputSpec(height=48, width=48, colour="grey", margin=0.0),
    temperature=1.0,
    origin={},
    accuracy={},
    calibration_error={},
    versions={},
    minimum_runtime="0.1.0",
)


def _pictures() -> Iterator[list[npt.NDArray[np.float32]]]:
    random = np.random.default_rng(1)
    for _ in range(8):
        yield [random.uniform(0, 255, (1, 48, 48, 1)).astype(np.float32)]


def _converted(batch: int | None, output: Any = tf.int8) -> tuple[keras.Model, bytes]:
    keras.utils.set_random_seed(1)
    network = keras.Sequential(
        [
            keras.Input((48, 48, 1), batch_size=batch),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(8, 3, strides=2, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dense(7),
        ]
    )
    converter = tf.lite.TFLiteConverter.from_keras_model(network)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = _pictures
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type, converter.inference_output_type = tf.uint8, output
    with warnings.catch_warnings():
        # The converter's word on ranges of the input, which it then measures.
        warnings.filterwarnings("ignore", "Statistics for quantized inputs", UserWarning)
        return network, bytes(converter.convert())


@pytest.fixture(scope="module")
def converted() -> tuple[keras.Model, bytes]:
    return _converted(1)


def test_it_says_what_its_network_says(
    converted: tuple[keras.Model, bytes], tmp_path: Path
) -> None:
    network, content = converted
    assert len(_signature(content).children("inputs", NAMED_TENSOR)) == 1
    attach_card(content, CARD, tmp_path / "mine.tflite")
    pictures = np.concatenate([one for (one,) in _pictures()]).astype(np.uint8)
    told = EmotionClassifier(tmp_path / "mine.tflite").probabilities(pictures)
    logits = np.asarray(network(pictures.astype(np.float32)))
    wanted = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert told == pytest.approx(wanted, abs=0.02)


def test_a_batch_of_any_size_and_floats_out_are_told() -> None:
    for batch, output, told in ((None, tf.int8, "operator 77"), (1, tf.float32, "got float32")):
        with pytest.raises(ModelError, match=told):
            check_model(_converted(batch, output)[1])


def test_a_signature_that_names_what_is_not_there_is_refused(
    converted: tuple[keras.Model, bytes],
) -> None:
    _, content = converted
    check_model(content)
    signature = _signature(content)
    (named,) = signature.children("outputs", NAMED_TENSOR)
    harm = {
        "a tensor": _changed(content, named._find("tensor_index", 4), 10**6),
        "no name": _changed(content, named._pointed("name"), 0),
        "no key": _changed(content, signature._pointed("signature_key"), 0),
        "a key without end": _changed(content, signature._pointed("signature_key"), 1 << 31),
        "many tensors": _changed(content, signature._pointed("inputs"), 1 << 20),
    }
    for changed in harm.values():
        with pytest.raises(ModelError, match="the model is damaged"):
            check_model(changed)


def _signature(content: bytes) -> Table:
    (found,) = root(content, FILE_IDENTIFIER, MODEL).children("signature_defs", SIGNATURE)
    return found


def _changed(content: bytes, place: int | None, value: int) -> bytes:
    assert place is not None
    data = bytearray(content)
    struct.pack_into("<I", data, place, value)
    return bytes(data)
