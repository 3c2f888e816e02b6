"""Faces of a run to look at. They show people of the dataset: they stay in the run folder."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from train.data.faces import Faces
from train.emotion.measuring.metrics import Answered

ROWS, COLUMNS = 3, 10


def samples(faces: Faces, seed: int) -> Figure:
    """A row of training faces for each emotion, drawn by the seed."""
    learning = faces.only("Training")
    random = np.random.default_rng(seed)
    figure, axes = _grid(len(faces.labels), row_inches=1.25)
    for row, label in enumerate(faces.labels):
        some = random.permutation(np.flatnonzero(learning.label == row))[:COLUMNS]
        axes.text(0, row - 0.05, label, fontsize=8)
        for column, index in enumerate(some):
            _show(axes, row, column, learning.images[index])
    return figure


def right_and_wrong(tested: Answered, seed: int) -> dict[str, Figure]:
    """Faces drawn by the seed among those answered rightly, and among those answered wrongly."""
    return {
        "right": _gallery(tested, tested.right, seed),
        "wrong": _gallery(tested, ~tested.right, seed),
    }


def _gallery(tested: Answered, mask: npt.NDArray[np.bool_], seed: int) -> Figure:
    chosen = np.random.default_rng(seed).permutation(np.flatnonzero(mask))[: ROWS * COLUMNS]
    figure, axes = _grid(ROWS, row_inches=1.5)
    for place, index in enumerate(chosen):
        row, column = divmod(place, COLUMNS)
        _show(axes, row, column, tested.images[index])
        said, expected = tested.said[index], tested.expected[index]
        axes.text(
            column + 0.4,
            row - 0.05,
            f"says {tested.labels[said]} {tested.probabilities[index, said]:.0%}\n"
            f"is {tested.labels[expected]}",
            fontsize=6,
            ha="center",
            color="black" if said == expected else "firebrick",
        )
    return figure


def _grid(rows: int, row_inches: float) -> tuple[Figure, Axes]:
    """Cells of 1x1 in one pair of axes: one pair a face takes seconds to lay out."""
    figure = Figure(figsize=(1.1 * COLUMNS, row_inches * rows), layout="constrained")
    axes: Axes = figure.subplots()
    axes.set_axis_off()
    axes.set_xlim(0, COLUMNS)
    axes.set_ylim(rows, -0.3)
    return figure, axes


def _show(axes: Axes, row: int, column: int, image: npt.NDArray[np.uint8]) -> None:
    picture = image[:, :, 0] if image.shape[2] == 1 else image
    axes.imshow(
        picture,
        cmap="gray",
        vmin=0,
        vmax=255,
        extent=(column, column + 0.8, row + 0.7, row),
        aspect="auto",
    )
