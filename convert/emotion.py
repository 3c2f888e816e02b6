"""Make the int8 model of an emotion run, with its card, and compare it with the float one."""

from __future__ import annotations

import dataclasses
import json
import os
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt

from convert.compare import Comparison, compare
from convert.errors import ConversionError
from convert.quantize import converter_versions, quantize
from convert.run import read_run
from fer_edge.classifier import EmotionClassifier
from fer_edge.command.timing import milliseconds_a_face
from fer_edge.model_input import whole_picture
from fer_edge.models.card import InputSpec, ModelCard
from fer_edge.models.file import attach_card

ENOUGH_PIXELS = 1000 * 48 * 48
LEAST_FACES = 100
"""As ranges are measured on every pixel of every layer, fewer faces do where each is larger: so
many pixels, but so many faces at least. A thousand at 224x224 took five minutes."""


def convert_emotion(folder: Path, out: Path | None, largest_loss: float) -> None:
    """Quantize, attach the card, read back, compare, and only then put the file in its place.

    Raises:
        ConversionError: the run is not finished, or int8 loses more than `largest_loss` points.
    """
    run = read_run(folder)
    if not run.tests:
        raise ConversionError(f"{folder} has no test faces, so nothing could be compared")
    out = out or folder / f"{run.card.name}.tflite"
    out.parent.mkdir(parents=True, exist_ok=True)
    spec, faces = run.card.input, enough(run.calibration, run.card.input)
    content = quantize(run.network, lambda: (whole_picture(face, spec) for face in faces))
    with tempfile.TemporaryDirectory(dir=out.parent) as workshop:
        draft = Path(workshop) / "draft.tflite"
        attach_card(content, run.card, draft)
        classifier = EmotionClassifier(draft)
        comparisons = compare(run, classifier)
        _tell(comparisons)
        speed = milliseconds_a_face(classifier)
        print(f"{speed:.3f} ms a face, {classifier.interpreter.backend}, one thread")
        worst = max(comparison.loss for comparison in comparisons.values())
        if worst > largest_loss:
            raise ConversionError(
                f"int8 loses {worst:.2f} points of accuracy, allowed are {largest_loss:g}; "
                f"{out} was not written"
            )
        attach_card(content, _measured(run.card, comparisons), draft)
        EmotionClassifier(draft)
        _keep_figures(folder, comparisons, draft.stat().st_size, out)
        os.replace(draft, out)
    print(f"wrote {out}: {out.stat().st_size / 1000:.0f} kB")


def enough(calibration: npt.NDArray[np.uint8], spec: InputSpec) -> npt.NDArray[np.uint8]:
    """All faces, or one in so many of them, evenly."""
    pixels = len(calibration) * spec.height * spec.width
    step = min(len(calibration) // LEAST_FACES, pixels // ENOUGH_PIXELS)
    return calibration[:: max(1, step)]


def _keep_figures(folder: Path, comparisons: dict[str, Comparison], size: int, file: Path) -> None:
    """`int8.json`: accuracy by split and truth, faces that change their answer, bytes, where."""
    figures = {
        "accuracy": {split: one.int8_accuracy for split, one in comparisons.items()},
        "changed": {split: one.changed for split, one in comparisons.items()},
        "bytes": size,
        "file": str(file.resolve()),
    }
    (folder / "int8.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def _measured(card: ModelCard, comparisons: dict[str, Comparison]) -> ModelCard:
    """The card with what was measured on PrivateTest, or on PublicTest where that is missing."""
    split = "PrivateTest" if "PrivateTest" in comparisons else "PublicTest"
    measured = comparisons[split]
    accuracy = {"float32": measured.float_accuracy, "int8": measured.int8_accuracy}
    return dataclasses.replace(
        card,
        accuracy={
            form: {truth: round(value, 4) for truth, value in values.items()}
            for form, values in accuracy.items()
        },
        origin={**card.origin, "accuracy_on": f"{split}, one crop"},
        versions={**card.versions, **converter_versions()},
    )


def _tell(comparisons: dict[str, Comparison]) -> None:
    for split, comparison in comparisons.items():
        for truth, before in comparison.float_accuracy.items():
            after = comparison.int8_accuracy[truth]
            print(f"{split:12} {truth:8} float {before:.2%}  int8 {after:.2%}")
        print(f"{split:12} {comparison.changed} of {comparison.faces} faces change their answer")
