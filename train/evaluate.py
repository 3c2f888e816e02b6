"""How good a finished run is: against FER2013's labels, and against what most people say."""

from __future__ import annotations

import dataclasses
import logging
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure
from sklearn.metrics import accuracy_score, classification_report, confusion_matrix

from train.errors import RunError
from train.faces import SPLITS, Faces
from train.handover import hand_over
from train.run_folder import RunFolder, read_json, write_json
from train.sources import Votes
from train.sources.votes import majority

log = logging.getLogger(__name__)

TRUTHS = {"fer2013": "FER2013's labels", "ferplus": "FER+'s majority"}


def evaluate(run: RunFolder, faces: Faces, votes: Votes | None) -> dict[str, Any]:
    """Measure on PublicTest and PrivateTest; leave figures, pictures and the hand-over in the run.

    The card gets the PrivateTest accuracies as its float32 ones.

    Returns:
        By split and truth: scikit-learn's classification report with "accuracy" and "faces".

    Raises:
        RunError: the run is not finished.
    """
    card = run.read_card()
    network = load_network(run.model)
    results: dict[str, Any] = {}
    for split in SPLITS[1:]:
        if not (faces.split == SPLITS.index(split)).any():
            continue
        tested = faces.only(split)
        said = _answers(network, tested)
        truths = {"fer2013": tested.label}
        if votes is not None:
            truths["ferplus"] = majority(votes.of(tested))
        results[split] = {}
        for truth, expected in truths.items():
            counted = expected >= 0
            results[split][truth] = _report(expected[counted], said[counted], card.labels)
            title = f"{split}, {TRUTHS[truth]}"
            _draw(
                run.path, f"{split}-{truth}", title, expected[counted], said[counted], card.labels
            )
    write_json(run.evaluation, results)
    private = results.get("PrivateTest", {})
    accuracy = {truth: round(report["accuracy"], 4) for truth, report in private.items()}
    if accuracy:
        card = dataclasses.replace(card, accuracy={**card.accuracy, "float32": accuracy})
        write_json(run.card, card.to_json())
    hand_over(run, faces, votes, read_json(run.settings)["settings"]["seed"])
    _tell(results)
    return results


def load_network(path: Path) -> keras.Model:
    """A finished run's network.

    Raises:
        RunError: the run is not finished, or the file is damaged.
    """
    if not path.exists():
        raise RunError(f"{path} is missing: the run is not finished; fit … --resume goes on")
    try:
        return keras.saving.load_model(path, compile=False)
    except (OSError, ValueError) as error:
        raise RunError(f"{path} cannot be read: {error}") from error


def _answers(network: keras.Model, faces: Faces) -> npt.NDArray[np.int64]:
    logits = network.predict(faces.images.astype(np.float32), batch_size=512, verbose=0)
    return np.asarray(logits.argmax(axis=1), dtype=np.int64)


def _report(
    expected: npt.NDArray[np.int64], said: npt.NDArray[np.int64], labels: tuple[str, ...]
) -> dict[str, Any]:
    report: dict[str, Any] = classification_report(
        expected,
        said,
        labels=range(len(labels)),
        target_names=labels,
        output_dict=True,
        zero_division=0,
    )
    return {**report, "accuracy": float(accuracy_score(expected, said)), "faces": len(expected)}


def _draw(
    folder: Path,
    name: str,
    title: str,
    expected: npt.NDArray[np.int64],
    said: npt.NDArray[np.int64],
    labels: tuple[str, ...],
) -> None:
    """Confusion matrix (rates, with counts) and per-class bars, one PNG each."""
    counts = confusion_matrix(expected, said, labels=range(len(labels)))
    rates = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure = Figure(figsize=(7, 6), layout="constrained")
    axes = figure.subplots()
    axes.imshow(rates, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(labels)), labels, rotation=45)
    axes.set_yticks(range(len(labels)), labels)
    axes.set_xlabel("the network says")
    axes.set_ylabel(title)
    axes.set_title(f"{title}: {np.trace(counts) / max(counts.sum(), 1):.1%} of {counts.sum()}")
    for (row, column), rate in np.ndenumerate(rates):
        text = f"{rate:.0%}\n{counts[row, column]}"
        colour = "white" if rate > 0.5 else "black"
        axes.text(column, row, text, ha="center", va="center", fontsize=8, color=colour)
    figure.savefig(folder / f"confusion-{name}.png", dpi=110)

    report = _report(expected, said, labels)
    figure = Figure(figsize=(8, 4), layout="constrained")
    axes = figure.subplots()
    for number, score in enumerate(("precision", "recall", "f1-score")):
        places = np.arange(len(labels)) + (number - 1) * 0.27
        axes.bar(places, [report[label][score] for label in labels], width=0.27, label=score)
    axes.set_xticks(range(len(labels)), labels)
    axes.set_ylim(0, 1)
    axes.set_title(title)
    axes.legend(loc="lower right")
    figure.savefig(folder / f"per-class-{name}.png", dpi=110)


def _tell(results: dict[str, Any]) -> None:
    for split, truths in results.items():
        for truth, report in truths.items():
            print(
                f"{split:12} {TRUTHS[truth]:18} accuracy {report['accuracy']:.2%} "
                f"of {report['faces']} faces"
            )
            for label in (key for key in report if isinstance(report[key], dict)):
                scores = report[label]
                print(
                    f"    {label:14} precision {scores['precision']:.2f}  "
                    f"recall {scores['recall']:.2f}  F1 {scores['f1-score']:.2f}"
                )
