"""From a float network to an int8 one, weights and activations."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt

from convert.errors import ConversionError
from fer_edge.model_input import whole_picture
from fer_edge.models.card import InputSpec

ENOUGH_PIXELS = 1000 * 48 * 48
LEAST_FACES = 100
"""As ranges are measured on every pixel of every layer, fewer faces do where each is larger: so
many pixels, but so many faces at least. A thousand at 224x224 took five minutes."""


def quantize(network: keras.Model, calibration: npt.NDArray[np.uint8], spec: InputSpec) -> bytes:
    """An int8 TFLite model, uint8 pixels in and int8 logits out, one picture at a time.

    Args:
        network: pixels 0..255 to logits, in float32; batch norms are folded into convolutions.
        calibration: (faces, height, width, channels): the ranges of activations are measured on
            these, or on some of them.
        spec: what the network takes in.

    Raises:
        ConversionError: Keras runs on a backend that cannot convert.
    """
    if keras.backend.backend() != "tensorflow":
        raise ConversionError(
            f"conversion needs Keras on TensorFlow, this is {keras.backend.backend()}; "
            "set KERAS_BACKEND=tensorflow"
        )
    import tensorflow as tf

    def representative_dataset() -> Iterator[list[npt.NDArray[np.float32]]]:
        for face in enough(calibration, spec):
            yield [whole_picture(face, spec)[np.newaxis].astype(np.float32)]

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.tflite"
        network.export(
            path,
            format="litert",
            # A fixed batch of one: interpreters plan its memory once and run it fastest.
            input_signature=[keras.InputSpec(shape=(1, *network.input_shape[1:]), dtype="float32")],
            verbose=False,
            optimizations=[tf.lite.Optimize.DEFAULT],
            representative_dataset=representative_dataset,
            target_spec={"supported_ops": [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]},
            inference_input_type=tf.uint8,
            inference_output_type=tf.int8,
        )
        return path.read_bytes()


def enough(calibration: npt.NDArray[np.uint8], spec: InputSpec) -> npt.NDArray[np.uint8]:
    """All faces, or one in so many of them, evenly."""
    pixels = len(calibration) * spec.height * spec.width
    step = min(len(calibration) // LEAST_FACES, pixels // ENOUGH_PIXELS)
    return calibration[:: max(1, step)]
