"""Charts of numbers: counts, curves, confusion, scores by class, reliability."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure


def class_counts(
    labels: Sequence[str], counts: Mapping[str, npt.NDArray[np.integer]], unit: str
) -> Figure:
    """Bars side by side.

    Args:
        labels: of the classes.
        counts: by group, (classes,).
        unit: what is counted.
    """
    figure = Figure(figsize=(8, 3.5), layout="constrained")
    axes = figure.subplots()
    width = 0.8 / len(counts)
    for number, (group, heights) in enumerate(counts.items()):
        places = np.arange(len(labels)) + (number - (len(counts) - 1) / 2) * width
        axes.bar_label(axes.bar(places, heights, width, label=group), fontsize=6)
    axes.set_xticks(range(len(labels)), labels)
    axes.set_ylabel(unit)
    axes.legend()
    return figure


def curves(history: Sequence[Mapping[str, float]], series: Mapping[str, str]) -> Figure:
    """Accuracy and loss over the epochs.

    Args:
        history: one row an epoch.
        series: what keys of rows begin with, and what such a line is called.
    """
    figure = Figure(figsize=(10, 4), layout="constrained")
    epochs = [row["epoch"] for row in history]
    for axes, name in zip(figure.subplots(1, 2), ("accuracy", "loss"), strict=True):
        for prefix, label in series.items():
            key = f"{prefix}{name}"
            if history and key in history[0]:
                # One epoch is a point, which a line does not show.
                marker = "o" if len(history) == 1 else ""
                axes.plot(epochs, [row[key] for row in history], marker=marker, label=label)
        axes.set_xlabel("epoch")
        axes.set_ylabel(name)
        axes.grid(alpha=0.3)
        if axes.lines:
            axes.legend()
    return figure


def confusion(title: str, labels: Sequence[str], counts: npt.NDArray[np.integer]) -> Figure:
    """Which class is taken for which: rates by row, with counts.

    Args:
        title: what was tested.
        labels: of the classes.
        counts: (right classes, predicted classes).
    """
    rates = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure = Figure(figsize=(7, 6), layout="constrained")
    axes = figure.subplots()
    axes.imshow(rates, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(labels)), labels, rotation=45)
    axes.set_yticks(range(len(labels)), labels)
    axes.set_xlabel("the network says")
    axes.set_ylabel(title)
    axes.set_title(f"{title}: {np.trace(counts) / counts.sum():.1%} of {counts.sum()}")
    for (row, column), rate in np.ndenumerate(rates):
        text = f"{rate:.0%}\n{counts[row, column]}"
        colour = "white" if rate > 0.5 else "black"
        axes.text(column, row, text, ha="center", va="center", fontsize=8, color=colour)
    return figure


def scores_by_class(title: str, labels: Sequence[str], figures: Mapping[str, Any]) -> Figure:
    """Precision, recall and F1 of each class, out of scikit-learn's report."""
    figure = Figure(figsize=(8, 4), layout="constrained")
    axes = figure.subplots()
    for number, score in enumerate(("precision", "recall", "f1-score")):
        places = np.arange(len(labels)) + (number - 1) * 0.27
        axes.bar(places, [figures[label][score] for label in labels], width=0.27, label=score)
    axes.set_xticks(range(len(labels)), labels)
    axes.set_ylim(0, 1)
    axes.set_title(title)
    axes.legend(loc="lower right")
    return figure


def reliability_diagram(
    title: str,
    confidence: npt.NDArray[np.floating],
    accuracy: npt.NDArray[np.floating],
    share: npt.NDArray[np.floating],
) -> Figure:
    """How often predictions of a given confidence are right; on the diagonal they are calibrated.

    Args:
        title: what was tested.
        confidence: (bins,), the mean of each, 0..1.
        accuracy: (bins,), likewise.
        share: (bins,), of all predictions.
    """
    figure = Figure(figsize=(5, 5), layout="constrained")
    axes: Axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="grey", linestyle="dotted")
    axes.bar(confidence, share, width=0.04, alpha=0.3, label="share of the faces")
    axes.plot(confidence, accuracy, marker="o", label="accuracy")
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_xlabel("confidence")
    axes.set_title(title)
    axes.legend(loc="upper left")
    return figure
