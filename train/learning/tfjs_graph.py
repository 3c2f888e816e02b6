"""Weights out of a TensorFlow.js graph model, as Keras wants them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from train.errors import RunError

NUMBERS = {"float32": np.float32, "float16": np.float16, "int32": np.int32}
"""Those that a file may hold, by name."""
DAMAGED = (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError)
"""What reading a file that is something else, cut short or made up raises."""
Arrays = Mapping[str, npt.NDArray[np.float32]]


def read_tfjs_graph(network: keras.Model, path: Path) -> dict[str, list[npt.NDArray[np.float32]]]:
    """The weights of a network's convolutions out of a graph with the same names, whose batch norm
    the converter has folded into biases (and for depthwise convolutions into a factor).

    Returns:
        By layer name, in the order of `get_weights()`; what the file lacks is left out.

    Raises:
        RunError: no graph model, damaged, or weights in a form that is not known here.
    """
    try:
        manifest = json.loads(path.read_bytes())["weightsManifest"]
        arrays = {name: array for group in manifest for name, array in _group(group, path.parent)}
        found = {layer.name: _weights(layer.name, arrays) for layer in network.layers}
    except DAMAGED as error:
        raise RunError(f"{path} is not a TensorFlow.js graph model: {error!r}") from error
    return {name: weights for name, weights in found.items() if weights}


def _group(group: Mapping[str, Any], folder: Path) -> list[tuple[str, npt.NDArray[np.float32]]]:
    content = b"".join(_part(folder, name) for name in group["paths"])
    found, start = [], 0
    for entry in group["weights"]:
        kind = NUMBERS[entry.get("quantization", entry)["dtype"]]
        array = np.frombuffer(content, kind, int(np.prod(entry["shape"])), start)
        start += array.nbytes
        found.append((entry["name"], array.reshape(entry["shape"]).astype(np.float32)))
    return found


def _part(folder: Path, name: str) -> bytes:
    path = folder / name
    # A file says itself what else is to be read: nothing but plain files beside it.
    if path.parent != folder or not path.is_file():
        raise ValueError(f"{name!r} is no file beside it")
    return path.read_bytes()


def _weights(name: str, arrays: Arrays) -> list[npt.NDArray[np.float32]]:
    bias = arrays.get(f"{name}_bn/batchnorm_1/sub")
    kernel = arrays.get(f"{name}/convolution/merged_input")
    depthwise = arrays.get(f"{name}/depthwise_kernel")
    factor = arrays.get(f"{name}_bn/batchnorm_1/mul")
    if depthwise is not None and factor is not None:
        kernel = depthwise * factor[:, np.newaxis]
    return [] if kernel is None or bias is None else [kernel, bias]
