"""What a run's `card.json` says; read before TensorFlow is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from convert.errors import ConversionError


def read_card_fields(folder: Path) -> Any:
    """As JSON has them, of an emotion model or a detector.

    Raises:
        ConversionError: `card.json` is missing or damaged.
    """
    file = folder / "card.json"
    try:
        return json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise ConversionError(
            f"{file} is missing; expected the folder of a finished training"
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise ConversionError(f"{file} cannot be read: {error}") from error
