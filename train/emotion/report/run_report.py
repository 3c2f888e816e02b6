"""Writes a run's `report.html`: its data, its training curves, and its figures."""

from __future__ import annotations

import dataclasses
from typing import Any

import keras
import numpy as np
import pandas
from matplotlib.figure import Figure
from sklearn.metrics import confusion_matrix

from fer_edge.calibration_error import calibration_error
from train.data.faces import SPLITS, Faces
from train.emotion.measuring.metrics import Answered, reliability
from train.emotion.report import galleries
from train.emotion.run import EmotionRun
from train.report import charts
from train.report.network_summary import layer_rows, multiply_adds
from train.report.page import Page, Picture, Section, picture
from train.run.files import replacing, write_json, write_text
from train.run.history import Row

SERIES = {"": "training (augmented)", "val_": "PublicTest"}
"""The lines of the training curves, by what their keys in the history begin with."""


def write_report(
    run: EmotionRun,
    network: keras.Model | None,
    faces: Faces,
    tested: dict[tuple[str, str], Answered],
    results: dict[str, Any],
) -> None:
    """Write `report.html`, its PNGs and `summary.json` into a run.

    Args:
        run: an evaluated one.
        network: the finished one; None for folds, which have one each.
        faces: what it learned from and was tested on.
        tested: its predictions, by split and truth.
        results: the figures of `measure`.
    """
    card, made = run.read_card(), run.read_facts()
    seed = run.read_settings().training.seed
    history = run.read_history() if run.history_file.exists() else []
    sections = []
    if network is not None:
        sections.append(_network_section(run, network))
    figures = {
        "class-counts": charts.class_counts(faces.labels, _counts(faces), "faces"),
        "samples": galleries.samples(faces, seed),
    }
    sections.append(Section("Data", _pictures(run, figures)))
    if history:
        figures = {"curves": charts.curves(history, SERIES)}
        sections.append(Section("Training", _pictures(run, figures)))
    for (split, truth), some in tested.items():
        if split != "Training":
            sections.append(_tested_section(run, f"{split}-{truth}", some, results[split][truth]))
    versions = ", ".join(f"{name} {version}" for name, version in card.versions.items())
    page = Page(
        title=f"{card.name}: {run.folder.resolve().name}",
        facts=(
            f"Begun {made.get('started', '?')}; {_lasted(run, history)} on "
            f"{made.get('machine', 'an unknown machine')}; {versions}"
        ),
        command=made.get("command", ""),
        results=_results(results),
        sections=sections,
    )
    write_text(run.report_file, page.html())


def _lasted(run: EmotionRun, history: list[Row]) -> str:
    """How many epochs it took, and how long; of folds, all together."""
    data = run.read_settings().data
    folds = 0 if data.fold else data.folds
    rows = [row for n in range(1, folds + 1) for row in run.fold(n).read_history()] or history
    hours = sum(row["seconds"] for row in rows) / 3600
    several = f" in {folds} folds, each in a folder with a page of its own" if folds else ""
    return f"{len(rows)} epochs in {hours:.2f} hours{several}"


def _counts(faces: Faces) -> dict[str, Any]:
    return {
        split: np.bincount(faces.only(split).label, minlength=len(faces.labels))
        for split in SPLITS
        if faces.has(split)
    }


def _network_section(run: EmotionRun, network: keras.Model) -> Section:
    rows = layer_rows(network)
    total = {"parameters": network.count_params(), "multiply_adds": multiply_adds(network)}
    write_json(run.summary_file, total)
    table = pandas.DataFrame([dataclasses.asdict(row) for row in rows])
    note = (
        f"{len(rows)} layers, {total['parameters']:,} parameters, "
        f"{total['multiply_adds']:,} multiply-adds a picture"
    )
    return Section("Network", [], table.to_html(index=False, border=0), note)


def _tested_section(
    run: EmotionRun, name: str, tested: Answered, figures: dict[str, Any]
) -> Section:
    scores = {label: figures[label] for label in tested.labels}
    table = pandas.DataFrame.from_dict(scores, orient="index")
    counts = confusion_matrix(tested.expected, tested.said, labels=range(len(tested.labels)))
    found = reliability(tested)
    error = calibration_error(tested.probabilities, tested.expected)
    drawn = {
        f"confusion-{name}": charts.confusion(tested.title, tested.labels, counts),
        f"per-class-{name}": charts.scores_by_class(tested.title, tested.labels, figures),
        f"reliability-{name}": charts.reliability_diagram(
            f"{tested.title}: calibration error {error:.3f}",
            found.confidence,
            found.accuracy,
            found.share,
        ),
    }
    for kind, gallery in galleries.right_and_wrong(tested, seed=1).items():
        drawn[f"{kind}-{name}"] = gallery
    return Section(
        tested.title,
        _pictures(run, drawn),
        table.to_html(float_format="{:.3f}".format, border=0),
        "Precision, recall and F1 by class",
        open=True,
    )


def _results(results: dict[str, Any]) -> str:
    rows = [
        {
            "split": split,
            "truth": truth,
            **{key: figures[key] for key in ("faces", "accuracy", "loss", "calibration_error")},
        }
        for split, truths in results.items()
        for truth, figures in truths.items()
    ]
    table: str = pandas.DataFrame(rows).to_html(index=False, border=0, float_format="{:.4f}".format)
    return table


def _pictures(run: EmotionRun, figures: dict[str, Figure]) -> list[Picture]:
    """For the page; each is also a PNG in the run."""
    drawn = [picture(name, figure) for name, figure in figures.items()]
    for one in drawn:
        with replacing(run.folder / f"{one.name}.png") as draft:
            draft.write_bytes(one.png)
    return drawn
