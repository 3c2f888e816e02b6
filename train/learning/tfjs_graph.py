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
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunError(f"{path} is not a TensorFlow.js graph model: {error!r}") from error
    found = {layer.name: _weights(layer.name, arrays) for layer in network.layers}
    return {name: weights for name, weights in found.items() if weights}


def _group(group: Mapping[str, Any], folder: Path) -> list[tuple[str, npt.NDArray[np.float32]]]:
    content = b"".join((folder / part).read_bytes() for part in group["paths"])
    found, start = [], 0
    for entry in group["weights"]:
        kind = NUMBERS[entry.get("quantization", entry)["dtype"]]
        array = np.frombuffer(content, kind, int(np.prod(entry["shape"])), start)
        start += array.nbytes
        found.append((entry["name"], array.reshape(entry["shape"]).astype(np.float32)))
    return found


def _weights(name: str, arrays: Arrays) -> list[npt.NDArray[np.float32]]:
    bias = arrays.get(f"{name}_bn/batchnorm_1/sub")
    if bias is None:
        return []
    if f"{name}/depthwise_kernel" in arrays:
        factor = arrays[f"{name}_bn/batchnorm_1/mul"][:, np.newaxis]
        return [arrays[f"{name}/depthwise_kernel"] * factor, bias]
    return [arrays[f"{name}/convolution/merged_input"], bias]
