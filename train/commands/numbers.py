"""Numbers of the command line, with their limits."""

from __future__ import annotations

import argparse
from collections.abc import Callable

LARGEST_SEED = 2**31 - 1


def whole_number(low: int, high: int) -> Callable[[str], int]:
    """What reads a whole number from `low` to `high`, for `add_argument`'s `type`."""

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = low - 1
        if not low <= number <= high:
            raise argparse.ArgumentTypeError(
                f"expected a whole number from {low} to {high}, got {text!r}"
            )
        return number

    return read


def share(text: str) -> float:
    """A number from 0 to 1, for `add_argument`'s `type`."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to 1, got {text!r}")
    return number
