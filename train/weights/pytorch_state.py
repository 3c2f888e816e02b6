"""Reads weights from a PyTorch state file, for Keras. The only file that imports PyTorch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from train.errors import RunError


def read_pytorch_state(
    network: keras.Model, path: Path
) -> dict[str, list[npt.NDArray[np.float32]]]:
    """The weights of a network's layers out of a state file with the same names.

    Nothing in the file is executed.

    Returns:
        By layer name, in the order of `get_weights()`; what the file lacks is left out.

    Raises:
        RunError: PyTorch is missing, or the file is not a state of tensors.
    """
    try:
        import torch
    except ImportError as error:
        raise RunError(f"{path} needs PyTorch: pip install -e '.[pytorch]' ({error})") from error
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        state = state.get("state_dict", state)
        arrays = {name: tensor.float().numpy() for name, tensor in state.items()}
    except Exception as error:
        # For a damaged file PyTorch's unpickler raises errors of many types.
        told = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise RunError(f"{path} is not a PyTorch state file: {told}") from error
    return weights_of_state(network, arrays)


def weights_of_state(
    network: keras.Model, arrays: Mapping[str, npt.NDArray[np.float32]]
) -> dict[str, list[npt.NDArray[np.float32]]]:
    """The weights of a network's layers out of a state, as `read_pytorch_state` gives them.

    Args:
        network: its layers are named like PyTorch's modules, with `_` for each dot.
        arrays: by PyTorch's names.
    """
    found = {layer.name: _weights(layer, arrays) for layer in network.layers}
    return {name: weights for name, weights in found.items() if weights}


def _weights(layer: Any, arrays: Mapping[str, Any]) -> list[npt.NDArray[np.float32]]:
    # On its PyTorch backend Keras takes no layer names with dots.
    name = layer.name.replace("_", ".")
    if isinstance(layer, keras.layers.BatchNormalization):
        names = ["weight", "bias", "running_mean", "running_var"]
    elif isinstance(layer, (keras.layers.Conv2D, keras.layers.Dense)):
        names = ["weight", "bias"] if layer.use_bias else ["weight"]
    else:
        return []
    if any(f"{name}.{part}" not in arrays for part in names):
        return []
    found = [arrays[f"{name}.{part}"] for part in names]
    if isinstance(layer, keras.layers.Conv2D):
        # Output, input, height, width there; height, width, input, output here.
        found[0] = np.transpose(found[0], (2, 3, 1, 0))
    elif isinstance(layer, keras.layers.Dense):
        found[0] = found[0].T
    return found
