"""The epochs of a run: one row of figures each."""

from __future__ import annotations

from typing import Any

Row = dict[str, float]
"""epoch (from 1), seconds, accuracy and loss, and the same with val_ for PublicTest."""


def is_row(value: Any) -> bool:
    """Whether something out of a file is a row."""
    return (
        isinstance(value, dict)
        and {"epoch", "seconds"} <= set(value)
        and all(isinstance(figure, int | float) for figure in value.values())
    )


def best_epoch(history: list[Row]) -> int:
    """The first with the best accuracy on PublicTest; the last where that was not measured."""
    best = max(history, key=lambda row: (row.get("val_accuracy", row["epoch"]), -row["epoch"]))
    return int(best["epoch"])


def is_over(history: list[Row], patience: int) -> bool:
    """Whether the accuracy on PublicTest has not risen for `patience` epochs; never for 0."""
    if not patience or not history:
        return False
    return int(history[-1]["epoch"]) - best_epoch(history) >= patience
