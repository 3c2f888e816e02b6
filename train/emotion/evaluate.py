"""How good a finished run is: against its dataset's labels, and against what most people say."""

from __future__ import annotations

import dataclasses
from typing import Any

from train.data.faces import SPLITS, Faces
from train.data.sources import Votes
from train.emotion.handover import hand_over
from train.emotion.measuring.inference import logits_of, probabilities_of
from train.emotion.measuring.metrics import Answered, measure
from train.emotion.report.page import write_report
from train.emotion.selection import selection
from train.emotion.truths import TRUTHS, truths_of
from train.errors import DatasetError
from train.run.folder import RunFolder, write_json
from train.run.network_file import load_network


def evaluate(run: RunFolder, faces: Faces, votes: Votes | None) -> dict[str, Any]:
    """Measure on all splits; leave figures, report and the hand-over to conversion in the run.

    The card gets the PrivateTest accuracies as its float32 ones, and the calibration errors.

    Args:
        run: a finished one.
        faces: all of its dataset.
        votes: FER+'s, or none.

    Returns:
        By split and truth: see `measure`.

    Raises:
        RunError: the run is not finished.
        DatasetError: the dataset has other classes than the run.
    """
    settings = run.read_settings()
    tested = answers_of(run, faces, votes)
    faces = selection(faces, settings)
    results: dict[str, Any] = {}
    for split, truth in tested:
        results.setdefault(split, {})[truth] = measure(tested[split, truth])
    write_json(run.evaluation, results)
    private = results.get("PrivateTest", {})
    if private:
        card = run.read_card()
        told = {
            name: {truth: round(figures[name], 4) for truth, figures in private.items()}
            for name in ("accuracy", "calibration_error")
        }
        card = dataclasses.replace(
            card,
            accuracy={**card.accuracy, "float32": told["accuracy"]},
            calibration_error=told["calibration_error"],
        )
        write_json(run.card, card.to_json())
    hand_over(run, faces, votes, settings.seed)
    write_report(run, load_network(run.model), faces, tested, results)
    return results


def answers_of(
    run: RunFolder, faces: Faces, votes: Votes | None
) -> dict[tuple[str, str], Answered]:
    """What a finished run says to its faces, by split and truth; see `evaluate`.

    Its own training faces are compared with the dataset's labels alone.
    """
    faces = selection(faces, run.read_settings())
    card, network = run.read_card(), load_network(run.model)
    if faces.labels != card.labels:
        raise DatasetError(
            f"{run.path} tells {', '.join(card.labels)} apart, the faces are "
            f"{', '.join(faces.labels)}"
        )
    tested = {}
    for split in filter(faces.has, SPLITS):
        some = faces.only(split)
        logits = logits_of(network, some.images, card.input)
        truths = truths_of(faces, split, None if split == "Training" else votes)
        for truth, expected in truths.items():
            counted = expected >= 0
            if counted.any():
                tested[split, truth] = Answered(
                    title=f"{split}, {TRUTHS[truth]}",
                    labels=faces.labels,
                    images=some.images[counted],
                    expected=expected[counted],
                    probabilities=probabilities_of(logits[counted], card.temperature),
                )
    return tested


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
