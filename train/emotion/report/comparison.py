"""Runs side by side: one table, one chart, the reported figures beside them."""

from __future__ import annotations

import math
import platform
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from train.emotion.report.compared_run import ComparedRun
from train.errors import RunError
from train.run.files import replacing, write_text

TEST_OF_SPLIT = {
    "PublicTest": "PublicTest, which\nis there to choose by, one crop.",
    "PrivateTest": "PrivateTest or the folds'\nown test parts, one crop; nothing was chosen by it.",
}
"""A description of each split that runs are compared by."""
LEAST_TOLD_IN_MILLIONS = 100_000
"""Fewer parameters or multiply-adds are told in full: as millions they would be 0.0."""


@dataclass(frozen=True)
class Cost:
    """A network's cost and accuracy."""

    name: str
    """The run's."""
    cost: float
    """In the chart's unit."""
    accuracy: float
    """0..1."""


def table(runs: list[ComparedRun]) -> pandas.DataFrame:
    """One row a run, ready to be read; empty where there is no figure."""
    rows = [
        {
            "network": one.name if one.name == one.network else f"{one.name} ({one.network})",
            "reported test": _percent(one.reported.test_accuracy),
            "test": _percent(one.accuracy[one.split]) + _spread(one.deviation),
            "test loss": f"{one.loss[one.split]:.3f}",
            "test, FER+": _percent(one.people),
            "training": _percent(one.accuracy.get("Training")),
            "training loss": _given(one.loss.get("Training"), "{:.3f}".format),
            "parameters": _millions(one.parameters, 2),
            "multiply-adds": _millions(one.multiply_adds, 1),
            "int8 test": _percent(one.int8.test_accuracy if one.int8 else None),
            "lost as int8": _given(_lost(one), "{:+.2f} points".format),
            "int8 size": _given(one.int8.kilobytes if one.int8 else None, "{:,.0f} kB".format),
            "int8 time": _given(one.int8.milliseconds if one.int8 else None, "{:.2f} ms".format),
        }
        for one in runs
    ]
    return pandas.DataFrame(rows)


def write_comparison(runs: list[ComparedRun], path: Path) -> list[Path]:
    """A page of Markdown with its pictures beside it.

    Returns:
        The files written.

    Raises:
        RunError: the place cannot be written to.
    """
    pictures = {"accuracy": _accuracies(runs), "curves": _curves(runs)}
    if any(one.int8 for one in runs):
        pictures["cost"] = _costs(runs)
    files = {name: path.with_name(f"{path.stem}-{name}.png") for name in pictures}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(f"{path} cannot be written: {error.strerror or error}") from error
    for name, figure in pictures.items():
        with replacing(files[name]) as draft:
            figure.savefig(draft, dpi=90)
    write_text(path, _page(runs, list(files.values())))
    return [path, *files.values()]


def _page(runs: list[ComparedRun], pictures: list[Path]) -> str:
    protocols = "\n".join(
        f"- **{one.name}**: {one.protocol}; {_epochs(len(one.history))}"
        f"{_aim(one)}\n\n" + "\n\n".join(f"  `{command}`" for command in one.commands)
        for one in runs
    )
    shown = "\n\n".join(f"![{file.stem}]({file.name})" for file in pictures)
    return (
        "# Results\n\n"
        "Written by `python -m train compare` from run folders. Reported test is what the\n"
        "plan of this project named for such a network, without a source. So is each aim.\n"
        f"Test is {TEST_OF_SPLIT[runs[0].split]} "
        "Training is measured on the faces\n"
        "that the run learned from, as they are. FER+ is what most of ten people said. Times are\n"
        "of one core, through the runtime's classifier, all taken when this was written "
        f"({platform.machine()}).\n\n"
        f"{_markdown(table(runs))}\n\n{shown}\n\n## How each was trained\n\n{protocols}\n"
    )


def _epochs(count: int) -> str:
    return "1 epoch" if count == 1 else f"{count} epochs"


def _aim(one: ComparedRun) -> str:
    wanted = one.reported.wanted
    return "" if wanted is None else f"; the aim is {wanted:.1%} in the test"


def _markdown(frame: pandas.DataFrame) -> str:
    rows = [list(frame.columns), ["---"] * len(frame.columns), *frame.to_numpy().tolist()]
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in rows)


def _accuracies(runs: list[ComparedRun]) -> Figure:
    figure = Figure(figsize=(9, 0.6 * len(runs) + 1.2), layout="constrained")
    axes = figure.subplots()
    places = np.arange(len(runs))[::-1]
    series: dict[str, Callable[[ComparedRun], float | None]] = {
        "reported": lambda one: one.reported.test_accuracy,
        "here, float": lambda one: one.accuracy[one.split],
    }
    if any(one.int8 for one in runs):
        series["here, int8"] = lambda one: one.int8.test_accuracy if one.int8 else None
    for number, (label, value) in enumerate(series.items()):
        widths = [100 * (value(one) or 0) for one in runs]
        bars = axes.barh(places + 0.27 * (1 - number), widths, 0.27, label=label)
        axes.bar_label(bars, [f"{width:.1f}" if width else "" for width in widths], fontsize=7)
    axes.set_yticks(places, [one.name for one in runs])
    axes.set_xlim(0, 100)
    axes.set_xlabel("test accuracy, %")
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def _curves(runs: list[ComparedRun]) -> Figure:
    """The share of the epochs below, so that short and long trainings can be compared."""
    figure = Figure(figsize=(10, 4), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    for number, one in enumerate(runs):
        done = [row["epoch"] / one.history[-1]["epoch"] for row in one.history]
        for axes, key in ((left, "accuracy"), (right, "val_accuracy")):
            if one.history and key in one.history[0]:
                values = [row[key] for row in one.history]
                # One epoch is a point, which a line does not show.
                marker = "o" if len(values) == 1 else ""
                axes.plot(done, values, marker=marker, label=one.name, color=f"C{number}")
    for axes, title in ((left, "training (augmented)"), (right, "PublicTest")):
        axes.set_title(title)
        axes.set_xlabel("share of the epochs done")
        axes.grid(alpha=0.3)
    left.set_ylabel("accuracy")
    left.legend(fontsize=7)
    return figure


def _costs(runs: list[ComparedRun]) -> Figure:
    figure = Figure(figsize=(12, 4), layout="constrained")
    by_time, by_work = figure.subplots(1, 2, sharey=True)
    converted = [(one, one.int8) for one in runs if one.int8]
    times = [
        Cost(one.name, int8.milliseconds, int8.test_accuracy)
        for one, int8 in converted
        if int8.milliseconds
    ]
    work = [Cost(one.name, one.multiply_adds / 1e6, int8.test_accuracy) for one, int8 in converted]
    _scatter(by_time, times, "milliseconds a face, int8, one core")
    _scatter(by_work, work, "millions of multiply-adds a face")
    by_time.set_ylabel("test accuracy as int8, %")
    return figure


def _scatter(axes: Axes, costs: list[Cost], unit: str) -> None:
    for one in costs:
        axes.scatter(one.cost, 100 * one.accuracy)
        others = [other for other in costs if other is not one]
        nearest = min(others, key=lambda o: abs(math.log(o.cost / one.cost)), default=None)
        # The lower one of two neighbours is named below it, so that the names do not meet.
        away = (0, -14) if nearest and nearest.accuracy > one.accuracy else (0, 6)
        axes.annotate(
            one.name,
            (one.cost, 100 * one.accuracy),
            textcoords="offset points",
            xytext=away,
            fontsize=8,
            ha="center",
        )
    axes.margins(0.1)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel(unit)
    axes.grid(alpha=0.3, which="both")


def _lost(one: ComparedRun) -> float | None:
    return 100 * (one.accuracy[one.split] - one.int8.test_accuracy) if one.int8 else None


def _percent(share: float | None) -> str:
    return _given(share, "{:.2%}".format)


def _spread(deviation: float | None) -> str:
    return "" if deviation is None else f" ± {100 * deviation:.1f}"


def _given(value: float | None, told: Callable[[float], str]) -> str:
    return "" if value is None or math.isnan(value) else told(value)


def _millions(count: int, decimals: int) -> str:
    return f"{count / 1e6:,.{decimals}f} M" if count >= LEAST_TOLD_IN_MILLIONS else f"{count:,}"
