"""`report.html`: one page that can be passed on as it is."""

from __future__ import annotations

import base64
import dataclasses
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
import keras
import pandas
from matplotlib.figure import Figure

from train.data.faces import Faces
from train.emotion.measuring.metrics import Answered
from train.emotion.report import charts, galleries
from train.emotion.run import EmotionRun
from train.report.network_summary import layer_rows, multiply_adds
from train.run.files import read_json, replacing, write_json, write_text

TEMPLATE = Path(__file__).with_name("page.html")


@dataclass(frozen=True)
class Picture:
    """A chart inside the page."""

    name: str
    """Also of its PNG."""
    base64: str
    """The PNG's bytes."""


@dataclass(frozen=True)
class Section:
    """One part of the page."""

    title: str
    """Its heading."""
    pictures: list[Picture]
    """Below one another."""
    table: str = ""
    """HTML, unfolded by a click."""
    note: str = ""
    """What to click on."""
    open: bool = False
    """Whether the table is unfolded from the beginning."""


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
        tested: what it said, by split and truth.
        results: what `measure` made of it.
    """
    card, made = run.read_card(), read_json(run.run_file)
    seed = run.read_settings().training.seed
    history = read_json(run.history_file) if run.history_file.exists() else []
    sections = []
    if network is not None:
        sections.append(_network_section(run, network))
    sections.append(
        Section(
            "Data",
            [
                _picture(run, "class-counts", charts.class_counts(faces)),
                _picture(run, "samples", galleries.samples(faces, seed)),
            ],
        )
    )
    if history:
        sections.append(Section("Training", [_picture(run, "curves", charts.curves(history))]))
    for (split, truth), some in tested.items():
        if split != "Training":
            sections.append(_tested_section(run, f"{split}-{truth}", some, results[split][truth]))
    hours = sum(row["seconds"] for row in history) / 3600
    versions = ", ".join(f"{name} {version}" for name, version in card.versions.items())
    page = jinja2.Environment(autoescape=True).from_string(TEMPLATE.read_text("utf-8"))
    text = page.render(
        title=f"{card.name}: {run.path.resolve().name}",
        facts=(
            f"Begun {made.get('started', '?')}; {len(history)} epochs in {hours:.2f} hours on "
            f"{made.get('machine', 'an unknown machine')}; {versions}"
        ),
        command=made.get("command", ""),
        results=_results(results),
        sections=sections,
    )
    write_text(run.report_file, text)


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
    pictures = {
        f"confusion-{name}": charts.confusion(tested),
        f"per-class-{name}": charts.scores_by_class(tested.title, tested.labels, figures),
        f"reliability-{name}": charts.reliability_diagram(tested),
    }
    for kind, gallery in galleries.right_and_wrong(tested, seed=1).items():
        pictures[f"{kind}-{name}"] = gallery
    return Section(
        tested.title,
        [_picture(run, key, figure) for key, figure in pictures.items()],
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


def _picture(run: EmotionRun, name: str, figure: Figure) -> Picture:
    """The chart as PNG, in the run and for the page."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    with replacing(run.path / f"{name}.png") as draft:
        draft.write_bytes(buffer.getvalue())
    return Picture(name, base64.b64encode(buffer.getvalue()).decode())
