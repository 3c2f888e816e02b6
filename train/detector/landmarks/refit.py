"""Fits the layers that place landmarks again, to what people marked.

Most landmarks that a detector learns from are another detector's, and it learns scores and boxes at
the same time. So its last layers do not use all that their features say of landmarks. A regression
on these features alone does. Scores and boxes stay as they are (but see `plain_outputs`). After
Kang et al., "Decoupling Representation and Classifier", 2020 (arXiv:1910.09217), who train a
classifier's last layer again.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator

import keras
import numpy as np

from train.detector.data.training_set import Sources, gather
from train.detector.finish import checked_facts, finish
from train.detector.landmarks.plain_outputs import output_layer, with_plain_outputs
from train.detector.landmarks.samples import LANDMARK_NUMBERS, Array, Samples, landmark_samples
from train.detector.run import DetectorRun
from train.detector.scenes.placed import Scene
from train.detector.scenes.single import single_scenes
from train.errors import DatasetError, RunError
from train.run.begin import held
from train.run.command import command
from train.run.files import replacing, write_json
from train.run.network_file import load_network, save_network

log = logging.getLogger(__name__)

PENALTY = 1e-3
"""Of the squared changes, the bias's too, for inputs with a mean square of 1 (ridge regression)."""
LEAST_SCALE = 1e-3
"""What an input's root mean square counts as at least, in shares of the bias's input."""
ELSEWHERE_PENALTY = 0.01
"""Of the mean square, in strides, that landmarks move by in all cells. Without it they are far off
where no face is: up to 88 strides, not 5. As int8, all numbers of a grid have one scale, so faces'
landmarks would be rounded by as much."""
ROUNDS = 5
"""Of weighting anew. The loss is then a distance, not its square: few marks are far off."""
LEAST_DISTANCE_SHARE = 0.02
"""Of the eyes' distance: nearer landmarks weigh no more."""


def refit_landmarks(run: DetectorRun, sources: Sources) -> None:
    """Fit, and write the run's network, card and scenes anew. The network as it was is kept.

    Args:
        run: a finished one.
        sources: what it learned from; the faces to paste are not needed.

    Raises:
        RunError: the run is not finished, its `run.json` is damaged, or another process writes to
            it. The teacher's file is missing, or a file is not the one that it learned from. Or the
            network finds no face that has landmarks by people.
        DatasetError: a file cannot be read, or has no landmarks by people.
        ModelError: the teacher is no YuNet.
    """
    was_refitted = run.before_refit_file.exists() and run.model_file.exists()
    if not run.is_finished and not was_refitted:
        raise RunError(
            f"{run.folder} is not finished; {run.made_by} --resume {run.folder} goes on with it"
        )
    settings, facts = run.read_settings(), checked_facts(run)
    if "teacher" in facts["sources"] and not sources.teacher_file:
        raise RunError(f"{run.folder} has learned from YuNet, too: add --teacher")
    sources.check_same(facts["sources"], run.folder)
    with held(run):
        # A fit that is repeated begins as the first one did: it would go further each time.
        begun = run.before_refit_file if was_refitted else run.model_file
        network = with_plain_outputs(load_network(begun, run.made_by))
        data = gather(sources, run.folder)
        marked = [picture for picture in data.training if picture.by_people.any()]
        if not marked:
            raise DatasetError(f"{sources.pictures_file} has no landmarks by people to learn from")
        random = np.random.default_rng((settings.training.seed, 2 * 10**7))
        cells = fit_landmarks(network, single_scenes(marked, random))
        if not was_refitted:
            with replacing(run.before_refit_file) as draft:
                shutil.copyfile(run.model_file, draft)
        # Until `finish` has written them again, the run counts as unfinished.
        for file in (run.int8_file, run.scenes_file):
            file.unlink(missing_ok=True)
        save_network(network, run.model_file)
        refitted = {"pictures": len(marked), "cells": cells, "command": command()}
        write_json(run.run_file, {**facts, "landmarks_refitted": refitted})
        finish(run, network, settings, sources, data)


def fit_landmarks(network: keras.Model, scenes: Iterator[Scene]) -> dict[str, int]:
    """Change the last layers' weights for landmarks, where these layers are plain convolutions.

    Args:
        network: of `train.detector.network`, or `with_plain_outputs`.
        scenes: square ones of one size, with landmarks by people.

    Returns:
        How many cells each stride was fitted to.

    Raises:
        RunError: the network finds none of their faces.
    """
    samples = landmark_samples(network, scenes)
    if not samples:
        raise RunError(
            "the network finds none of the faces that have landmarks by people: train it longer"
        )
    for stride, seen in samples.items():
        cells, inputs = seen.features.shape
        log.info("stride %d: landmarks are fitted to %d cells", stride, cells)
        if cells < inputs:
            log.warning("that is less than one for each of its %d inputs", inputs)
        layer = output_layer(network, stride)
        kernel, biases = layer.get_weights()
        change = fitted(seen)
        kernel[..., LANDMARK_NUMBERS] += change[:-1].reshape(*kernel.shape[:3], -1)
        biases[LANDMARK_NUMBERS] += change[-1]
        layer.set_weights([kernel, biases])
    return {str(stride): len(seen.weights) for stride, seen in samples.items()}


def fitted(samples: Samples) -> Array:
    """(inputs, 10): what to add to the weights for each landmark's x and y.

    Then the landmarks' weighted mean distance from the marks is least.
    """
    features = samples.features.astype(np.float64)
    scales = np.sqrt(np.mean(features**2, axis=0))
    # What is nearly always 0 says nothing, and must not count as much as the others.
    scales = np.maximum(scales, LEAST_SCALE * scales[-1])
    features /= scales
    elsewhere = samples.elsewhere / samples.elsewhere[-1, -1] / np.outer(scales, scales)
    penalty = PENALTY * np.eye(len(scales)) + ELSEWHERE_PENALTY * elsewhere
    change = np.zeros((features.shape[1], *samples.lacking.shape[1:]))
    for _ in range(ROUNDS):
        left = samples.lacking - np.einsum("ni,ikx->nkx", features, change)
        distances = np.maximum(np.linalg.norm(left, axis=2), LEAST_DISTANCE_SHARE)
        for landmark in range(change.shape[1]):
            weights = samples.weights / distances[:, landmark]
            weighted = features * weights[:, np.newaxis]
            change[:, landmark] = np.linalg.solve(
                weighted.T @ features + weights.sum() * penalty,
                weighted.T @ samples.lacking[:, landmark],
            )
    return np.asarray(change.reshape(len(scales), -1) / scales[:, np.newaxis], np.float32)
