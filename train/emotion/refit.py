"""Fits the last layers of a finished network again, to the training faces without augmentation.

A network learns from augmented faces, and one with teachers mostly from soft targets. Its last
layer does not use all information in its features. A logistic regression on the features learns
from the unchanged faces and their mirror images. It is right more often on new faces
(docs/notebook.md has the figures). After Kang et al., "Decoupling Representation and Classifier",
2020 (arXiv:1910.09217), who train the classifier again on its own.
"""

from __future__ import annotations

import dataclasses
import logging

import keras
import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from fer_edge.models.card import InputSpec
from train.data.faces import Faces
from train.data.inputs import in_parts
from train.data.sources import Votes
from train.emotion.heads import last_layers, leave_heads
from train.emotion.measuring.inference import outputs_of
from train.emotion.measuring.priors import learned_shares
from train.emotion.run import EmotionRun
from train.emotion.selection import selection_of
from train.emotion.settings import MIXED
from train.emotion.truths import truth_of, truths_asked
from train.errors import DatasetError, RunError
from train.layers.mirror_tied import tie
from train.networks import find_network
from train.run.command import command
from train.run.files import write_json
from train.run.lock import locked
from train.run.network_file import load_network, save_network

log = logging.getLogger(__name__)

Array = npt.NDArray[np.float32]

INVERSE_PENALTY = 0.003
"""The inverse of the weights' penalty, for features of deviation 1. From 0.001 to 0.03 PublicTest's
accuracy was within 0.4 points."""


def refit(run: EmotionRun, faces: Faces, votes: Votes | None, truth: str | None) -> None:
    """Fit on Training, and put the layer into the run's network, or one for each of two heads.

    Temperatures are 1 again, and nothing is corrected for how common emotions were. So the figures
    of an earlier calibration leave the card.

    Args:
        run: a finished one.
        faces: all splits of its dataset.
        votes: FER+'s, or none.
        truth: what the network should predict: "labels" or "ferplus". If None, "ferplus" if there
            are votes. Each of two heads has its own.

    Raises:
        RunError: the run is not finished, has folds, is one of two heads, or its network does not
            end in a dense layer. Or one truth is given for a run with two heads.
        DatasetError: faces of other classes, votes of other faces, or none where they are the
            truth. Or an emotion that is the truth of no training face.
    """
    run.check_one_network()
    settings = run.read_settings()
    if settings.network.head:
        raise RunError(f"{run.folder} is one of two heads: name {run.folder.parent}, to fit both")
    truths = truths_asked(settings, votes, truth)
    if settings.data.also_public and truths != ("labels",):
        raise RunError(
            f"{run.folder} has learned from PublicTest, whose votes are not for that: add "
            "--truth labels"
        )
    card, network = run.read_card(), load_network(run.model_file)
    # Each head gets a copy of it. If it is damaged, nothing is written.
    run.read_history()
    selected = selection_of(run, faces)
    learned = selected.only("Training")
    rights = [truth_of(learned, votes, one) for one in truths]
    for right, one in zip(rights, truths, strict=True):
        missing = [label for number, label in enumerate(learned.labels) if number not in right]
        if missing:
            raise DatasetError(f"no training face is {', '.join(missing)} by {one}")
    layers = last_layers(network)
    features = _features(keras.Model(network.input, layers[0].input), learned, card.input)
    for layer, right in zip(layers, rights, strict=True):
        both = np.tile(right, 2)
        layer.set_weights(fitted(features[both >= 0], both[both >= 0]))
    if find_network(settings.network.name).mirror_tied:
        # The solver's result is only nearly equal on both sides.
        tie(network)
    origin = {"on": "Training", "truth": " and ".join(truths), "command": command()}
    origins = {**card.origin, "last_layer": origin}
    origins.pop("calibration", None)
    shares = learned_shares(selected, votes, truths[0]) if len(truths) == 1 else card.priors
    if (card.temperature, card.priors_power) != (1.0, 0.0):
        log.warning("%s: its calibration is undone; calibrate it again", run.folder)
    card = dataclasses.replace(
        card, temperature=1.0, priors=shares, priors_power=0.0, origin=origins
    )
    with locked(run.folder):
        save_network(network, run.model_file)
        write_json(run.card_file, card.to_json())
        run.forget_int8()
        if settings.network.two_heads:
            leave_heads(run, network, settings)
            _tell_of_mixes(run)


def _tell_of_mixes(run: EmotionRun) -> None:
    for mixed in map(run.head, MIXED):
        if mixed.model_file.exists():
            log.warning("%s still mixes the heads as they were before: mix again", mixed.folder)


def _features(trunk: keras.Model, faces: Faces, spec: InputSpec) -> Array:
    """Of the faces and then of their mirror images, (2 x faces, features)."""
    sides = (faces.images, faces.images[:, :, ::-1])
    return np.concatenate(
        [outputs_of(trunk, part) for images in sides for part in in_parts(images, spec)]
    )


def fitted(features: Array, right: npt.NDArray[np.int64]) -> tuple[Array, Array]:
    """Kernel, (features, classes), and biases, (classes,), of the logits that make `right` likely.

    Args:
        features: (faces, features).
        right: (faces,), class numbers; each class occurs.
    """
    mean, deviation = features.mean(axis=0), features.std(axis=0) + 1e-3
    regression = LogisticRegression(C=INVERSE_PENALTY, max_iter=1000, tol=1e-3)
    regression.fit((features - mean) / deviation, right)
    weights, biases = regression.coef_, regression.intercept_
    if len(weights) == 1:
        # Of two classes there is only the difference of their logits.
        weights, biases = np.outer((-0.5, 0.5), weights), np.outer((-0.5, 0.5), biases)[:, 0]
    kernel = weights.T / deviation[:, np.newaxis]
    return kernel.astype(np.float32), (biases - mean @ kernel).astype(np.float32)
