"""Reads Keras files: a finished network, or the state of a training."""

from __future__ import annotations

import zipfile
from pathlib import Path

import keras

from train.errors import RunError


def read_keras_file(path: Path, compile: bool = False) -> keras.Model:  # noqa: A002
    """What Keras saved; with `compile`, its optimizer and loss as well.

    Raises:
        RunError: the file is damaged.
    """
    try:
        return keras.saving.load_model(path, compile=compile)
    except Exception as error:
        # Out of a damaged file Keras, h5py and zipfile raise whatever they stumble over.
        told = str(error).splitlines()[0] if str(error) else type(error).__name__
        if path.is_file() and not zipfile.is_zipfile(path):
            told = "it is no ZIP archive, as a .keras file is"
        raise RunError(f"{path} cannot be read: {told}") from error
