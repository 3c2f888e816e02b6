"""Quantizes a float network to int8, weights and activations."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt

from convert.enlarged import with_doubling_in_depth
from convert.errors import ConversionError
from convert.means import with_means_as_convolutions
from fer_edge.native_logs.tensorflow_log import TENSORFLOW_NEWS, stderr_without


def quantize(
    network: keras.Model, calibration: Callable[[], Iterator[npt.NDArray[np.uint8]]]
) -> bytes:
    """An int8 TFLite model that takes one picture at a time: its pixels less 128, as int8.

    If it took uint8, the graph would convert them. That takes a tenth of a fast detector's time.

    Args:
        network: takes pixels 0..255, in float32; batch norms are folded into convolutions.
        calibration: gives pictures, (height, width, channels) each, all of the size that the model
            is made for: the ranges of activations are measured on these.

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
        for picture in calibration():
            yield [picture[np.newaxis].astype(np.float32)]
        # Whatever pictures these are, the model's pixels are 0 to 255, in steps of 1.
        extremes = next(calibration()).astype(np.float32)
        extremes.flat[0], extremes.flat[-1] = 0, 255
        yield [extremes[np.newaxis]]

    shape = (1, *next(calibration()).shape)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.tflite"
        with stderr_without(TENSORFLOW_NEWS):
            with_doubling_in_depth(with_means_as_convolutions(network)).export(
                path,
                format="litert",
                # A fixed batch of one: interpreters plan its memory once and run it fastest.
                input_signature=[keras.InputSpec(shape=shape, dtype="float32")],
                verbose=False,
                optimizations=[tf.lite.Optimize.DEFAULT],
                representative_dataset=representative_dataset,
                target_spec={"supported_ops": [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]},
                inference_input_type=tf.int8,
                inference_output_type=tf.int8,
            )
        return _without_names(path.read_bytes())


def _without_names(model: bytes) -> bytes:
    """Removes the converter's names of tensors: nobody reads them, and they are a tenth of a small
    model."""
    from tensorflow.lite.tools import flatbuffer_utils

    parsed = flatbuffer_utils.read_model_from_bytearray(bytearray(model))
    flatbuffer_utils.strip_strings(parsed)
    return bytes(flatbuffer_utils.convert_object_to_bytearray(parsed))


def converter_versions() -> dict[str, str]:
    """The packages that quantize, as a model's card names them."""
    import tensorflow

    return {
        "converter_keras": keras.__version__,
        "converter_tensorflow": tensorflow.__version__,
    }
