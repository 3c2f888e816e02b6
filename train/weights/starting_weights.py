"""Starting from weights that another training left: a Keras file or a PyTorch state file."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt

from train.errors import RunError
from train.weights.keras_file import read_keras_file

log = logging.getLogger(__name__)

Arrays = Mapping[str, list[npt.NDArray[np.float32]]]
"""By layer name, in the order of the layer's `get_weights()`."""
PYTORCH_ENDINGS = (".pth", ".pt", ".bin")
FORMS = "a .keras file, or a PyTorch state file (.pth, .pt) whose names are torchvision's"


def load_starting_weights(network: keras.Model, path: Path) -> None:
    """Copy weights into the layers of the same names.

    A dense layer of another shape (another number of classes) keeps its fresh weights. So do
    auxiliary heads that the file lacks. Anything else must be there and fit.

    Raises:
        RunError: no such file, damaged, of another network, or PyTorch is needed and missing.
    """
    if not path.is_file():
        raise RunError(f"{path} does not exist; expected {FORMS}")
    set_weights(network, _read(network, path), path)


def set_weights(network: keras.Model, arrays: Arrays, path: Path) -> None:
    """Copy arrays into the layers of the same names; see `load_starting_weights`.

    Args:
        network: takes them.
        arrays: what a file held.
        path: the file, for messages.

    Raises:
        RunError: they do not fit.
    """
    anew = []
    for layer in network.layers:
        wanted = [weight.shape for weight in layer.weights]
        if not wanted:
            continue
        found = arrays.get(layer.name, [])
        if [array.shape for array in found] == [tuple(shape) for shape in wanted]:
            layer.set_weights(found)
        elif isinstance(layer, keras.layers.Dense) or (not found and layer.name.startswith("aux")):
            anew.append(layer.name)
        else:
            raise RunError(
                f"{path} does not fit {network.name}: {layer.name} needs {wanted}, "
                f"the file has {[array.shape for array in found] or 'nothing of that name'}"
            )
    log.info("weights from %s%s", path, f"; anew: {', '.join(anew)}" if anew else "")


def _read(network: keras.Model, path: Path) -> Arrays:
    if path.suffix in PYTORCH_ENDINGS:
        from train.weights.pytorch_state import read_pytorch_state

        return read_pytorch_state(network, path)
    try:
        saved = read_keras_file(path)
    except RunError as error:
        raise RunError(f"{error}; expected {FORMS}") from error
    return {layer.name: layer.get_weights() for layer in saved.layers}
