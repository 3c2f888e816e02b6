"""Measures a finished run: by its dataset's labels, and by FER+'s majority."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from fer_edge.handover import EmotionHandover, HandoverError
from fer_edge.models.card import ModelCard
from train.data.faces import SPLITS, Faces
from train.data.sources import Votes
from train.emotion.figures import Results, read_results
from train.emotion.handover import hand_over
from train.emotion.measuring.inference import calibrated_probabilities, logits_of
from train.emotion.measuring.metrics import Answered, measure
from train.emotion.report.run_report import write_report
from train.emotion.run import EmotionRun
from train.emotion.selection import selection, selection_of
from train.emotion.truths import TRUTHS, truths_of
from train.errors import RunError
from train.run.files import write_json
from train.run.lock import locked
from train.run.network_file import load_network


def evaluate(
    run: EmotionRun, faces: Faces, votes: Votes | None, *, final: bool = False
) -> dict[str, Any]:
    """Measure; write figures, the report and the files for conversion into the run.

    Args:
        run: a finished one.
        faces: all of its dataset.
        votes: FER+'s, or none.
        final: measure on PrivateTest too. Nothing may be chosen by its figures. A fold is always
            measured on its own part, which is its PrivateTest.

    Returns:
        By split and truth: see `measure`.

    Raises:
        RunError: the run is not finished, or another process writes to it.
        DatasetError: the dataset has other classes than the run.
    """
    settings = run.read_settings()
    splits = SPLITS if final or settings.data.fold else SPLITS[:-1]
    with locked(run.folder):
        network = load_network(run.model_file)
        tested = answers_of(run, faces, votes, splits, network)
        faces = selection(faces, settings)
        results: dict[str, Any] = {}
        for split, truth in tested:
            results.setdefault(split, {})[truth] = measure(tested[split, truth])
        write_json(run.evaluation_file, results)
        hand_over(run, faces, votes, settings.training.seed)
        write_report(run, network, faces, tested, results)
    return results


def answers_of(
    run: EmotionRun,
    faces: Faces,
    votes: Votes | None,
    splits: Sequence[str],
    network: keras.Model | None = None,
) -> dict[tuple[str, str], Answered]:
    """A finished run's predictions for its faces, by split and truth; see `evaluate`.

    Its own training faces are compared with the dataset's labels alone. `network` is the run's, if
    it is loaded already.
    """
    faces, card = selection_of(run, faces), run.read_card()
    if network is None:
        network = load_network(run.model_file)
    tested = {}
    for split in filter(faces.has, splits):
        some = faces.only(split)
        truths = truths_of(faces, split, None if split == "Training" else votes)
        for truth, answered in _answered(network, card, split, some.images, truths).items():
            tested[split, truth] = answered
    return tested


def final_results(run: EmotionRun) -> Results:
    """The figures of `evaluate`, with PrivateTest's. If `evaluate --final` was not run, they are
    measured here, on the faces that the run keeps for conversion.

    Returns:
        By split and truth: see `measure`.

    Raises:
        RunError: the run is not evaluated, or a file of it is damaged.
    """
    results = read_results(run)
    if "PrivateTest" in results or not run.faces_file.exists():
        return results
    try:
        tests = EmotionHandover.read(run.faces_file).tests
    except HandoverError as error:
        raise RunError(f"{error}; evaluate writes it anew") from error
    if "PrivateTest" not in tests:
        return results
    some, network = tests["PrivateTest"], load_network(run.model_file)
    answered = _answered(network, run.read_card(), "PrivateTest", some.images, some.truths)
    return {**results, "PrivateTest": {truth: measure(one) for truth, one in answered.items()}}


def _answered(
    network: keras.Model,
    card: ModelCard,
    split: str,
    images: npt.NDArray[np.uint8],
    truths: Mapping[str, npt.NDArray[np.int64]],
) -> dict[str, Answered]:
    """By truth, for the truths that have faces."""
    logits = logits_of(network, images, card.input)
    return {
        truth: Answered(
            title=f"{split}, {TRUTHS[truth]}",
            labels=card.labels,
            images=images[right >= 0],
            expected=right[right >= 0],
            probabilities=calibrated_probabilities(card, logits[right >= 0]),
        )
        for truth, right in truths.items()
        if (right >= 0).any()
    }


def tell(results: dict[str, Any]) -> None:
    """Print what `evaluate` found."""
    for split, truths in results.items():
        for truth, figures in truths.items():
            print(
                f"{split:12} {TRUTHS[truth]:20} accuracy {figures['accuracy']:.2%} of "
                f"{figures['faces']} faces, loss {figures['loss']:.4f}, "
                f"calibration error {figures['calibration_error']:.3f}"
            )
            for label in (key for key in figures if isinstance(figures[key], dict)):
                scores = figures[label]
                if split != "Training":
                    print(
                        f"    {label:14} precision {scores['precision']:.2f}  "
                        f"recall {scores['recall']:.2f}  F1 {scores['f1-score']:.2f}"
                    )
