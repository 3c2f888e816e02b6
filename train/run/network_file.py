"""The file of a run's network."""

from __future__ import annotations

from pathlib import Path

import keras

from train.errors import RunError
from train.run.files import replacing
from train.weights.keras_file import read_keras_file


def load_network(path: Path, made_by: str = "fit") -> keras.Model:
    """A finished run's network.

    Args:
        path: the file.
        made_by: the command that goes on with the run.

    Raises:
        RunError: the run is not finished, or the file is damaged.
    """
    if not path.exists():
        raise RunError(
            f"{path} is missing: the run is not finished; {made_by} --resume {path.parent} goes on"
        )
    return read_keras_file(path)


def save_network(network: keras.Model, path: Path) -> None:
    """Replace a Keras file in one step.

    Raises:
        RunError: it cannot be written, for example because the disk is full.
    """
    with replacing(path) as draft:
        network.save(draft)
