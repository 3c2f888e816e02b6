"""Charts of a run: counts, curves, confusion, scores by class, reliability."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sklearn.metrics import confusion_matrix

from train.data.faces import SPLITS, Faces
from train.emotion.measuring.metrics import Answered, reliability
from train.run.history import Row


def class_counts(faces: Faces) -> Figure:
    """How many faces of each emotion each split has."""
    figure = Figure(figsize=(8, 3.5), layout="constrained")
    axes = figure.subplots()
    splits = [split for split in SPLITS if faces.has(split)]
    width = 0.8 / len(splits)
    for number, split in enumerate(splits):
        counts = np.bincount(faces.only(split).label, minlength=len(faces.labels))
        places = np.arange(len(counts)) + (number - (len(splits) - 1) / 2) * width
        axes.bar_label(axes.bar(places, counts, width, label=split), fontsize=6)
    axes.set_xticks(range(len(faces.labels)), faces.labels)
    axes.set_ylabel("faces")
    axes.legend()
    return figure


def curves(history: list[Row]) -> Figure:
    """Accuracy and loss over the epochs, training and validation."""
    figure = Figure(figsize=(10, 4), layout="constrained")
    epochs = [row["epoch"] for row in history]
    for axes, name in zip(figure.subplots(1, 2), ("accuracy", "loss"), strict=True):
        for key, label in ((name, "training (augmented)"), (f"val_{name}", "PublicTest")):
            if history and key in history[0]:
                axes.plot(epochs, [row[key] for row in history], label=label)
        axes.set_xlabel("epoch")
        axes.set_ylabel(name)
        axes.grid(alpha=0.3)
        if axes.lines:
            axes.legend()
    return figure


def confusion(tested: Answered) -> Figure:
    """Which emotion is taken for which: rates by row, with counts."""
    labels = tested.labels
    counts = confusion_matrix(tested.expected, tested.said, labels=range(len(labels)))
    rates = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure = Figure(figsize=(7, 6), layout="constrained")
    axes = figure.subplots()
    axes.imshow(rates, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(labels)), labels, rotation=45)
    axes.set_yticks(range(len(labels)), labels)
    axes.set_xlabel("the network says")
    axes.set_ylabel(tested.title)
    axes.set_title(f"{tested.title}: {tested.right.mean():.1%} of {len(tested.expected)}")
    for (row, column), rate in np.ndenumerate(rates):
        text = f"{rate:.0%}\n{counts[row, column]}"
        colour = "white" if rate > 0.5 else "black"
        axes.text(column, row, text, ha="center", va="center", fontsize=8, color=colour)
    return figure


def scores_by_class(title: str, labels: tuple[str, ...], figures: dict[str, Any]) -> Figure:
    """Precision, recall and F1 of each emotion, out of what `measure` gives."""
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


def reliability_diagram(tested: Answered) -> Figure:
    """How often answers of a given confidence are right; on the diagonal they are calibrated."""
    found = reliability(tested)
    figure = Figure(figsize=(5, 5), layout="constrained")
    axes: Axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="grey", linestyle="dotted")
    axes.bar(found.confidence, found.share, width=0.04, alpha=0.3, label="share of the faces")
    axes.plot(found.confidence, found.accuracy, marker="o", label="accuracy")
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_xlabel("confidence")
    axes.set_title(f"{tested.title}: calibration error {found.error:.3f}")
    axes.legend(loc="upper left")
    return figure
