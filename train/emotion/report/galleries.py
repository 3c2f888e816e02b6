"""Faces of a run to look at. They show people of the dataset: they stay in the run folder."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from train.data.faces import Faces
from train.emotion.measuring.metrics import Answered

ROWS, COLUMNS = 3, 10


def samples(faces: Faces, seed: int) -> Figure:
    """A row of training faces for each emotion, drawn by the seed."""
    learning = faces.only("Training")
    random = np.random.default_rng(seed)
    figure = Figure(figsize=(COLUMNS, 1.15 * len(faces.labels)), layout="constrained")
    rows = figure.subplots(len(faces.labels), COLUMNS, squeeze=False)
    for number, label in enumerate(faces.labels):
        some = random.permutation(np.flatnonzero(learning.label == number))[:COLUMNS]
        for column, axes in enumerate(rows[number]):
            axes.set_axis_off()
            if column < len(some):
                _show(axes, learning.images[some[column]])
        rows[number, 0].set_title(label, fontsize=8, loc="left")
    return figure


def right_and_wrong(tested: Answered, seed: int) -> dict[str, Figure]:
    """Faces drawn by the seed among those answered rightly, and among those answered wrongly."""
    return {
        "right": _gallery(tested, tested.right, seed),
        "wrong": _gallery(tested, ~tested.right, seed),
    }


def _gallery(tested: Answered, mask: npt.NDArray[np.bool_], seed: int) -> Figure:
    chosen = np.random.default_rng(seed).permutation(np.flatnonzero(mask))[: ROWS * COLUMNS]
    figure = Figure(figsize=(COLUMNS * 1.1, ROWS * 1.5), layout="constrained")
    places = figure.subplots(ROWS, COLUMNS).ravel()
    for axes in places:
        axes.set_axis_off()
    for axes, index in zip(places, chosen, strict=False):
        _show(axes, tested.images[index])
        said, expected = tested.said[index], tested.expected[index]
        axes.set_title(
            f"says {tested.labels[said]} {tested.probabilities[index, said]:.0%}\n"
            f"is {tested.labels[expected]}",
            fontsize=6,
            color="black" if said == expected else "firebrick",
        )
    return figure


def _show(axes: object, image: npt.NDArray[np.uint8]) -> None:
    picture = image[:, :, 0] if image.shape[2] == 1 else image
    axes.imshow(picture, cmap="gray", vmin=0, vmax=255)  # type: ignore[attr-defined]
