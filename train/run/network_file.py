"""A finished network's file."""

from __future__ import annotations

import os
from pathlib import Path

import keras

from train.errors import RunError


def load_network(path: Path) -> keras.Model:
    """A finished run's network.

    Raises:
        RunError: the run is not finished, or the file is damaged.
    """
    if not path.exists():
        raise RunError(f"{path} is missing: the run is not finished; fit … --resume goes on")
    try:
        return keras.saving.load_model(path, compile=False)
    except (OSError, ValueError) as error:
        raise RunError(f"{path} cannot be read: {error}") from error


def save_network(network: keras.Model, path: Path) -> None:
    """Replace a Keras file in one step, so that a kill leaves the old one, the new one or none."""
    half_written = path.with_name("half-written.keras")
    network.save(half_written)
    os.replace(half_written, path)
