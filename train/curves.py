"""Accuracy and loss over the epochs, as a picture."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure


def draw_curves(history: list[dict[str, float]], path: Path) -> None:
    """Draw training and validation side by side into a PNG; nothing for an empty history."""
    if not history:
        return
    figure = Figure(figsize=(10, 4), layout="constrained")
    epochs = [row["epoch"] for row in history]
    for axes, name in zip(figure.subplots(1, 2), ("accuracy", "loss"), strict=True):
        for key, label in ((name, "training (augmented)"), (f"val_{name}", "PublicTest")):
            if key in history[0]:
                axes.plot(epochs, [row[key] for row in history], label=label)
        axes.set_xlabel("epoch")
        axes.set_ylabel(name)
        axes.grid(alpha=0.3)
        axes.legend()
    figure.savefig(path, dpi=110)
