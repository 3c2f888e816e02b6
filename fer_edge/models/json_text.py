"""JSON that anybody may have written, parsed strictly."""

from __future__ import annotations

import json
from typing import Any

from fer_edge.errors import ModelError


def parsed_json(text: bytes) -> Any:
    """What a JSON document in UTF-8 says.

    Raises:
        ModelError: it is no JSON, names a field twice, or has NaN or infinities. Or Python
            refuses it: it is nested too deeply, or a number is too long.
    """
    try:
        return json.loads(
            text.decode("utf-8"), object_pairs_hook=_once_each, parse_constant=_no_number
        )
    except RecursionError:
        raise ModelError("the card is nested too deeply; convert the model again") from None
    except ValueError as error:
        raise ModelError(f"the card is damaged ({error}); copy the file anew") from error


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a field is there twice")
    return found


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no number")
