"""The figures in a run's folder, each file checked before its figures are used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from train.emotion.run import EmotionRun
from train.errors import RunError
from train.run.files import read_json

Results = dict[str, dict[str, dict[str, Any]]]
"""By split and truth what `train.emotion.measuring.metrics.measure` found."""


def read_results(run: EmotionRun) -> Results:
    """What `evaluate` found.

    Raises:
        RunError: the run is not evaluated, or its file is damaged.
    """
    if run.run_file.exists() and not run.evaluation_file.exists():
        _check_not_both_heads(run)
    results: Results = read_json(run.evaluation_file, _advice(run))
    if not _is_by_split_and_truth(results, _is_measured):
        raise RunError(
            f"{run.evaluation_file} is damaged: expected accuracy and loss by split and truth; "
            "evaluate writes it anew"
        )
    return results


def read_summary(run: EmotionRun) -> dict[str, int]:
    """The network's `parameters` and `multiply_adds`.

    Raises:
        RunError: the run is not evaluated, or its file is damaged.
    """
    summary = read_json(run.summary_file, _advice(run))
    names = ("parameters", "multiply_adds")
    if not isinstance(summary, dict) or not all(type(summary.get(one)) is int for one in names):
        raise RunError(
            f"{run.summary_file} is damaged: expected {' and '.join(names)}; evaluate writes it "
            "anew"
        )
    return {name: summary[name] for name in names}


def read_int8(run: EmotionRun, split: str, truth: str) -> dict[str, Any]:
    """What `python -m convert` measured: `accuracy`, 0..1, `bytes`, and the model's `file` or None.

    Args:
        run: a converted one.
        split: that the accuracy is of.
        truth: likewise.

    Raises:
        RunError: the file is damaged, or has no accuracy for that split and truth.
    """
    told = read_json(run.int8_file)
    is_whole = (
        isinstance(told, dict)
        and _is_by_split_and_truth(told.get("accuracy"), _is_number)
        and _is_number(told.get("bytes"))
        and isinstance(told.get("file"), str | None)
    )
    if not is_whole or truth not in told["accuracy"].get(split, {}):
        raise RunError(
            f"{run.int8_file} has no accuracy of {split} by {truth}, no bytes, or no path of the "
            "model; convert the run again"
        )
    return {**told, "accuracy": told["accuracy"][split][truth], "file": told.get("file")}


def _check_not_both_heads(run: EmotionRun) -> None:
    """`evaluate` leaves the figures of each head in its own folder."""
    if run.read_settings().network.two_heads:
        run.check_one_head()


def _advice(run: EmotionRun) -> str:
    return f"python -m train evaluate {run.folder} writes it"


def _is_by_split_and_truth(data: Any, is_right: Callable[[Any], bool]) -> bool:
    return isinstance(data, Mapping) and all(
        isinstance(truths, Mapping) and all(map(is_right, truths.values()))
        for truths in data.values()
    )


def _is_measured(figures: Any) -> bool:
    return isinstance(figures, Mapping) and all(
        map(_is_number, (figures.get("accuracy"), figures.get("loss"), figures.get("deviation", 0)))
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
