"""The models that ship with fer_edge, and how a model file carries its card."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from fer_edge.errors import ArgumentError, ModelFileError
from fer_edge.printable import brief, printable

MODELS_FOLDER = Path(__file__).parent
DETECTOR_NAME = "face-detector"
"""The default detector."""
DETECTOR_NAMES = (DETECTOR_NAME, "face-detector-fast")
"""Those that find faces; the others read emotions."""


def shipped_models() -> dict[str, Path]:
    """Names and files of the models in the package."""
    return {path.stem: path for path in sorted(MODELS_FOLDER.glob("*.tflite"))}


def find_model(name: str | Path, kind: Literal["any", "emotion", "detector"] = "any") -> Path:
    """The file of a model, by the name of a shipped one or by its path.

    Args:
        name: the name or the path.
        kind: which shipped ones the error names. The file itself is not looked at.

    Raises:
        ArgumentError: it is no string and no path.
        ModelFileError: there is no such file.
    """
    if not isinstance(name, str | Path):
        raise ArgumentError(f"expected a model's name or path, got {brief(name)}")
    shipped = shipped_models()
    if isinstance(name, str) and name in shipped:
        return shipped[name]
    try:
        os.stat(name)
    except (OSError, ValueError) as error:
        why = "" if isinstance(error, FileNotFoundError) else f" ({error})"
        called = printable(name) if str(name) else "an empty name"
        raise ModelFileError(
            f"no model at {called}{why}; expected the path of a .tflite file made by "
            f"python -m convert, or one of: {', '.join(_of_kind(shipped, kind))}"
        ) from error
    return Path(name)


def _of_kind(names: Iterable[str], kind: str) -> list[str]:
    return [
        name for name in names if kind == "any" or (name in DETECTOR_NAMES) == (kind == "detector")
    ]
