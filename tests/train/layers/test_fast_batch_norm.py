"""TensorFlow's fused batch norm gives Keras's numbers, and does not stay in what is saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from train.data.prepared import prepare
from train.emotion.fit import fit
from train.emotion.run import EmotionRun
from train.emotion.settings import Settings
from train.layers.fast_batch_norm import FastBatchNormalization, with_fast_batch_norm
from train.networks import build


def gradients(layer: keras.Layer, pictures: tf.Tensor) -> tuple[tf.Tensor, list[Any]]:
    with tf.GradientTape() as tape:
        tape.watch(pictures)
        outputs = layer(pictures, training=True)
        total = tf.reduce_sum(outputs**3)
    return outputs, tape.gradient(total, [pictures, *layer.trainable_variables])


def test_it_gives_keras_numbers() -> None:
    random = np.random.default_rng(1)
    pictures = tf.constant(random.normal(1, 3, (8, 6, 6, 5)).astype(np.float32))
    plain, fast = (
        keras.layers.BatchNormalization(momentum=0.9),
        FastBatchNormalization(momentum=0.9),
    )
    start = [random.uniform(0.5, 1.5, 5), random.normal(size=5), np.zeros(5), np.ones(5)]
    for layer in (plain, fast):
        layer.build(pictures.shape)
        layer.set_weights(start)
    (one, one_slopes), (other, other_slopes) = (gradients(la, pictures) for la in (plain, fast))
    np.testing.assert_allclose(one, other, atol=1e-5)
    for slope, same in zip(one_slopes, other_slopes, strict=True):
        np.testing.assert_allclose(slope, same, rtol=1e-4, atol=1e-3)
    for weight, same in zip(plain.get_weights(), fast.get_weights(), strict=True):
        np.testing.assert_allclose(weight, same, rtol=1e-5)
    np.testing.assert_allclose(plain(pictures), fast(pictures), rtol=1e-5, atol=1e-5)


def test_a_copy_has_the_same_answers_and_layers() -> None:
    network = build("edge", 7, 0.0)
    fast = with_fast_batch_norm(network)
    norms = [la for la in fast.layers if isinstance(la, keras.layers.BatchNormalization)]
    assert norms
    assert all(type(layer) is FastBatchNormalization for layer in norms)
    assert [layer.name for layer in fast.layers] == [layer.name for layer in network.layers]
    pictures = np.random.default_rng(1).uniform(0, 255, (2, 48, 48, 1)).astype(np.float32)
    np.testing.assert_allclose(network(pictures), fast(pictures), rtol=1e-4, atol=1e-5)


def test_what_is_saved_is_plain(tables: Path, tmp_path: Path) -> None:
    data = prepare(tables / "fer2013.csv", tmp_path)
    run = EmotionRun(tmp_path / "run")
    common = ("angry", "fear", "happy", "sad", "surprise", "neutral")
    fit(
        Settings.of("nano", {"training.epochs": 1, "training.batch": 64, "data.classes": common}),
        data,
        None,
        run,
    )
    saved = keras.saving.load_model(run.model_file, compile=False)
    assert not [la for la in saved.layers if isinstance(la, FastBatchNormalization)]
    moved = saved.get_layer("stem_norm").get_weights()[2]
    assert np.abs(moved).max() > 0
