"""The models that ship with fer_edge, and how a model file carries its card."""

from __future__ import annotations

from pathlib import Path

from fer_edge.errors import ModelError

FOLDER = Path(__file__).parent
DETECTOR = "face"
"""The one that finds faces; the others read emotions."""


def shipped_models() -> dict[str, Path]:
    """Names and files of the models in the package."""
    return {path.stem: path for path in sorted(FOLDER.glob("*.tflite"))}


def find_model(name: str | Path) -> Path:
    """The file of a model, by the name of a shipped one or by its path.

    Raises:
        ModelError: it is neither.
    """
    shipped = shipped_models()
    if isinstance(name, str) and name in shipped:
        return shipped[name]
    path = Path(name)
    if not path.is_file():
        raise ModelError(
            f"no model at {str(name)!r}; expected the path of a .tflite file made by "
            f"python -m convert, or one of: {', '.join(shipped)}"
        )
    return path
