"""Whether numbers that were chosen lie where they must."""

from __future__ import annotations

from collections.abc import Mapping

from train.errors import RunError


def check_limits(settings: object, limits: Mapping[str, tuple[float, float]]) -> None:
    """Compare attributes with the least and the greatest value of each.

    Raises:
        RunError: one lies outside.
    """
    for name, (low, high) in limits.items():
        if not low <= getattr(settings, name) <= high:
            raise RunError(f"{name} must be {low}..{high}, got {getattr(settings, name)}")
