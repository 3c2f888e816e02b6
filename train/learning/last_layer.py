"""Fitting the last layer of a finished network anew, to the training faces as they are.

A network learns from varied faces, and one with teachers mostly what these say. Its features tell
more than its last layer makes of them: a logistic regression on them, of the faces themselves and
their mirror images, is right more often on faces that neither has seen (docs/model.md has figures).
After Kang et al., "Decoupling Representation and Classifier", 2020 (arXiv:1910.09217), who train
the classifier again on its own.
"""

from __future__ import annotations

import dataclasses

import keras
import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from train.command import command
from train.data.faces import Faces
from train.data.inputs import in_parts
from train.data.selection import selection
from train.data.sources import Votes
from train.data.truths import truth_of
from train.errors import DatasetError, RunError
from train.measuring.answers import answers, load_network
from train.run_folder import RunFolder, write_json

Array = npt.NDArray[np.float32]

FREEDOM = 0.003
"""The inverse of the weights' penalty, for features of deviation 1. From 0.001 to 0.03 PublicTest's
accuracy was within 0.4 points."""


def refit(run: RunFolder, faces: Faces, votes: Votes | None, truth: str) -> None:
    """Fit on Training, and put the layer into the run's network; its temperature is 1 again.

    Args:
        run: a finished one.
        faces: all splits of its dataset.
        votes: FER+'s, or none.
        truth: what the network is to tell, "fer2013" or "ferplus".

    Raises:
        RunError: the run is not finished, has two heads, or its network does not end in a dense
            layer.
        DatasetError: votes of other faces, or none where they are the truth; or an emotion that is
            right for no face.
    """
    run.check_one_head()
    card, network = run.read_card(), load_network(run.model)
    last = network.layers[-1]
    if not isinstance(last, keras.layers.Dense):
        raise RunError(f"{network.name} ends in {last.name}, expected a dense layer")
    learned = selection(faces, run.read_settings()).only("Training")
    right = truth_of(learned, votes, truth)
    missing = [label for number, label in enumerate(learned.labels) if number not in right]
    if missing:
        raise DatasetError(f"no training face is {', '.join(missing)} by {truth}")
    known = right >= 0
    below = keras.Model(network.input, last.input)
    sides = [
        np.concatenate([answers(below, part) for part in in_parts(images, card.input)])
        for images in (learned.images[known], learned.images[known][:, :, ::-1])
    ]
    last.set_weights(fitted(np.concatenate(sides), np.tile(right[known], 2)))
    network.save(run.model)
    origin = {"on": "Training", "truth": truth, "command": command()}
    card = dataclasses.replace(card, temperature=1.0, origin={**card.origin, "last_layer": origin})
    write_json(run.card, card.to_json())


def fitted(features: Array, right: npt.NDArray[np.int64]) -> tuple[Array, Array]:
    """Kernel, (features, classes), and biases, (classes,), of the logits that make `right` likely.

    Args:
        features: (faces, features).
        right: (faces,), class numbers; each class occurs.
    """
    mean, deviation = features.mean(axis=0), features.std(axis=0) + 1e-3
    regression = LogisticRegression(C=FREEDOM, max_iter=1000, tol=1e-3)
    regression.fit((features - mean) / deviation, right)
    kernel = regression.coef_.T / deviation[:, np.newaxis]
    return kernel.astype(np.float32), (regression.intercept_ - mean @ kernel).astype(np.float32)
