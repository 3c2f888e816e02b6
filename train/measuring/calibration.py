"""Making a finished network's probabilities mean what they say: vector scaling on PublicTest.

Guo et al., "On Calibration of Modern Neural Networks", 2017 (arXiv:1706.04599), section 4.2: one
temperature for all classes, here with a bias for each. A network that learned shares of votes is
too careful about what most people say: the biases are worth 0.7 points of that, fitted on one half
of PublicTest and measured on the other.
"""

from __future__ import annotations

import dataclasses
import os

import keras
import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from train.command import command
from train.data.faces import Faces
from train.data.selection import selection
from train.data.sources import Votes
from train.data.sources.votes import majority
from train.errors import DatasetError, RunError
from train.measuring.answers import load_network, logits_of
from train.run_folder import RunFolder, write_json


def calibrate(run: RunFolder, faces: Faces, votes: Votes | None, truth: str) -> None:
    """Fit on PublicTest; the biases go into the run's network, the temperature into its card.

    Calibrating again starts anew from what there is, and ends at the same probabilities.

    Args:
        run: a finished one.
        faces: all splits of its dataset.
        votes: FER+'s, or none.
        truth: what is to be likeliest, the dataset's label ("fer2013") or what most people said
            ("ferplus").

    Raises:
        RunError: the run is not finished, has two heads, or its network ends in no layer with
            biases.
        DatasetError: no PublicTest, votes of other faces, or none where they are the truth.
    """
    run.check_one_head()
    card, network = run.read_card(), load_network(run.model)
    last = network.layers[-1]
    if not isinstance(last, keras.layers.Dense) or last.bias is None:
        raise RunError(
            f"expected a network that ends in a dense layer with biases, got {last.name}"
        )
    settings = run.read_settings()
    public = selection(faces, settings).only("PublicTest")
    right = public.label if truth == "fer2013" else _what_most_said(public, votes)
    logits = logits_of(network, public.images[right >= 0], card.input)
    wanted = np.eye(len(public.labels), dtype=np.float32)[right[right >= 0]]
    temperature, biases = vector_scaling(np.asarray(logits, np.float64), wanted)
    last.bias.assign(np.asarray(last.bias) + biases)
    half_written = run.path / "half-written.keras"
    network.save(half_written)
    os.replace(half_written, run.model)
    calibration = {"on": "PublicTest", "truth": truth, "command": command()}
    card = dataclasses.replace(
        card, temperature=temperature, origin={**card.origin, "calibration": calibration}
    )
    write_json(run.card, card.to_json())
    told = ", ".join(f"{name} {bias:+.2f}" for name, bias in zip(card.labels, biases, strict=True))
    print(f"temperature {temperature:.3f}; biases {told}")


def _what_most_said(faces: Faces, votes: Votes | None) -> npt.NDArray[np.int64]:
    """(faces,), -1 where most people did not agree."""
    if votes is None:
        raise DatasetError("what most people say is to be learned from FER+'s votes: add --votes")
    return majority(votes.of(faces), faces.labels)


def vector_scaling(
    logits: npt.NDArray[np.float64], wanted: npt.NDArray[np.float32]
) -> tuple[float, npt.NDArray[np.float64]]:
    """The temperature and biases that make `softmax((logits + biases) / temperature)` likeliest.

    Args:
        logits: (faces, classes).
        wanted: (faces, classes), probabilities.

    Returns:
        The temperature, 0.05..20, and the biases, (classes,), which add up to 0.
    """

    def loss(unknown: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        """The cross entropy and its gradient; convex in the slope and the intercepts."""
        scaled = logits * unknown[0] + unknown[1:]
        scaled -= scaled.max(axis=1, keepdims=True)
        powers = np.exp(scaled)
        sums = powers.sum(axis=1, keepdims=True)
        excess = powers / sums - wanted
        entropy = (np.log(sums[:, 0]) - (wanted * scaled).sum(axis=1)).mean()
        # The sum of the intercepts changes no probability: a little weight keeps it at 0.
        middle = unknown[1:].mean()
        slope = (excess * logits).sum(axis=1).mean()
        gradient = np.append(slope, excess.mean(axis=0) + 2 * middle / classes)
        return float(entropy + middle**2), gradient

    classes = logits.shape[1]
    start = np.append(1.0, np.zeros(classes))
    limits = [(0.05, 20.0), *[(-20.0, 20.0)] * classes]
    found = minimize(loss, start, jac=True, bounds=limits, options={"ftol": 1e-12, "gtol": 1e-8}).x
    temperature = round(float(1 / found[0]), 4)
    biases = (found[1:] - found[1:].mean()) * temperature
    return temperature, np.asarray(biases, dtype=np.float64)
