"""A model that TensorFlow's own converter made runs, and its signatures are read without trust."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
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
    for batch, output, told in (
        (None, tf.int8, "operator SHAPE.*batch of 1"),
        (1, tf.float32, "got float32"),
    ):
        with pytest.raises(ModelError, match=told):
            check_model(_converted(batch, output)[1])


HARM: dict[str, Callable[[Any], object]] = {
    "a tensor that is not there": lambda model: _set(
        model.signatureDefs[0].outputs[0], "tensorIndex", len(model.subgraphs[0].tensors)
    ),
    "no name": lambda model: _set(model.signatureDefs[0].inputs[0], "name", ""),
    "no key": lambda model: _set(model.signatureDefs[0], "signatureKey", None),
    "no outputs": lambda model: _set(model.signatureDefs[0], "outputs", None),
    "another graph": lambda model: _set(model.signatureDefs[0], "subgraphIndex", 1),
    "a long key": lambda model: _set(model.signatureDefs[0], "signatureKey", "k" * 1025),
    "a long name": lambda model: _set(model.signatureDefs[0].inputs[0], "name", "n" * 1025),
    "a huge name": lambda model: _set(model.subgraphs[0].tensors[0], "name", "n" * 65_537),
    "many names": lambda model: _set(
        model.signatureDefs[0], "inputs", 17 * model.signatureDefs[0].inputs
    ),
    "many signatures": lambda model: _set(model, "signatureDefs", 9 * model.signatureDefs),
    "a free side too many": lambda model: _set(
        model.subgraphs[0].tensors[0], "shapeSignature", [-1, 48, 48, 1, 1]
    ),
    "another side": lambda model: _set(
        model.subgraphs[0].tensors[0], "shapeSignature", [-1, 48, 47, 1]
    ),
    "a negative side": lambda model: _set(
        model.subgraphs[0].tensors[0], "shapeSignature", [-2, 48, 48, 1]
    ),
}


def _set(table: Any, field: str, value: Any) -> None:
    assert hasattr(table, field)
    setattr(table, field, value)


def _changed(content: bytes, change: Callable[[Any], object]) -> bytes:
    from tensorflow.lite.tools import flatbuffer_utils

    model = flatbuffer_utils.read_model_from_bytearray(bytearray(content))
    change(model)
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))


@pytest.mark.parametrize("name", HARM)
def test_a_signature_that_could_harm_is_refused(
    converted: tuple[keras.Model, bytes], name: str
) -> None:
    _, content = converted
    check_model(_changed(content, lambda model: None))
    with pytest.raises(ModelError, match=r"damaged|signatures") as told:
        check_model(_changed(content, HARM[name]))
    assert len(str(told.value)) < 200


def test_a_batch_may_be_free_where_no_operator_asks_for_it(
    converted: tuple[keras.Model, bytes], tmp_path: Path
) -> None:
    free = _changed(
        converted[1],
        lambda model: _set(model.subgraphs[0].tensors[0], "shapeSignature", [-1, 48, 48, 1]),
    )
    attach_card(free, CARD, tmp_path / "free.tflite")
    told = EmotionClassifier(tmp_path / "free.tflite").probabilities(
        np.zeros((3, 48, 48, 1), np.uint8)
    )
    assert told.shape == (3, 7)


def _signature(content: bytes) -> Table:
    (found,) = root(content, FILE_IDENTIFIER, MODEL).children("signature_defs", SIGNATURE)
    return found
