"""Make the int8 model of an emotion run, with its card, and compare it with the float one."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from convert.compare import Comparison, compare
from convert.errors import ConversionError
from convert.quantize import converter_versions, quantize
from convert.run import read_run
from convert.temporary_folder import temporary_folder_beside
from fer_edge.classifier import EmotionClassifier
from fer_edge.classifier_speed import milliseconds_a_face
from fer_edge.model_input import whole_picture
from fer_edge.models.card import InputSpec, ModelCard
from fer_edge.models.file import attach_card
from fer_edge.whole_file import write_whole

CALIBRATION_PIXELS = 1000 * 48 * 48
LEAST_CALIBRATION_FACES = 100
"""Ranges are measured on every pixel of every layer, so fewer faces are enough if each is larger.
So many pixels are used, but at least so many faces. A thousand faces at 224x224 took five
minutes."""


def convert_emotion(
    folder: Path, fields: Any, out: Path | None, largest_loss: float, even_if_useless: bool
) -> None:
    """Quantize, attach the card, read back, compare, and only then put the file in its place.

    Args:
        folder: the run's.
        fields: of its card.
        out: the file; None: in the folder, named after the network.
        largest_loss: in points of accuracy.
        even_if_useless: whether the model may be one that has learned nothing.

    Raises:
        ConversionError: the run is not finished, or `out` cannot be written. int8 loses more than
            `largest_loss` points. The model is no better than always saying the commonest emotion,
            and `even_if_useless` is not set.
    """
    run = read_run(folder, fields)
    if not run.data.tests:
        raise ConversionError(
            f"{folder} has no test faces, so int8 cannot be compared: put faces into PublicTest or "
            "PrivateTest (val, test) and train anew"
        )
    out = out or folder / f"{run.card.name}.tflite"
    with temporary_folder_beside(out) as temporary:
        spec, faces = run.card.input, calibration_part(run.data.calibration_images, run.card.input)
        content = quantize(run.network, lambda: (whole_picture(face, spec) for face in faces))
        draft = temporary / "draft.tflite"
        attach_card(content, run.card, draft, overwrite=True)
        classifier = EmotionClassifier(draft)
        comparisons = compare(run, classifier)
        _tell(comparisons)
        speed = milliseconds_a_face(classifier)
        print(f"{speed:.3f} ms a face, {classifier.interpreter.backend}, one thread")
        # PrivateTest is to report, so it decides only where there is nothing else.
        deciding = comparisons.get("PublicTest") or comparisons["PrivateTest"]
        _check_loss(deciding, largest_loss, out)
        if not even_if_useless:
            _check_has_learned(deciding, out)
        attach_card(content, _measured(run.card, comparisons), draft, overwrite=True)
        EmotionClassifier(draft)
        _keep_figures(folder, comparisons, draft.stat().st_size, out)
        os.replace(draft, out)
    print(f"wrote {out}: {out.stat().st_size / 1000:.0f} kB")


def _check_loss(deciding: Comparison, largest: float, out: Path) -> None:
    if deciding.loss > largest:
        raise ConversionError(
            f"int8 loses {deciding.loss:.2f} points of accuracy, allowed are {largest:g}; "
            f"{out} was not written"
        )


def _check_has_learned(deciding: Comparison, out: Path) -> None:
    if not deciding.has_learned:
        shares = ", ".join(f"{share:.1%}" for share in deciding.commonest.values())
        raise ConversionError(
            f"the model is no better than always saying the commonest emotion ({shares}): "
            f"train it for longer; {out} was not written (--even-if-useless writes it)"
        )


def calibration_part(calibration: npt.NDArray[np.uint8], spec: InputSpec) -> npt.NDArray[np.uint8]:
    """All faces, or one in so many of them, evenly."""
    pixels = len(calibration) * spec.height * spec.width
    step = min(len(calibration) // LEAST_CALIBRATION_FACES, pixels // CALIBRATION_PIXELS)
    return calibration[:: max(1, step)]


def _keep_figures(folder: Path, comparisons: dict[str, Comparison], size: int, file: Path) -> None:
    """`int8.json`: accuracy by split and truth, faces that change their answer, bytes, where."""
    figures = {
        "accuracy": {split: one.int8_accuracy for split, one in comparisons.items()},
        "changed": {split: one.changed for split, one in comparisons.items()},
        "bytes": size,
        "file": str(file.resolve()),
    }
    text = json.dumps(figures, indent=2) + "\n"
    try:
        write_whole(folder / "int8.json", text.encode(), overwrite=True)
    except OSError as error:
        raise ConversionError(f"{folder / 'int8.json'} cannot be written: {error}") from error


def _measured(card: ModelCard, comparisons: dict[str, Comparison]) -> ModelCard:
    """The card with what was measured on PrivateTest, or on PublicTest where that is missing."""
    split = _reported(comparisons)
    measured = comparisons[split]
    accuracy = {"float32": measured.float_accuracy, "int8": measured.int8_accuracy}
    return dataclasses.replace(
        card,
        accuracy={
            form: {truth: round(value, 4) for truth, value in values.items()}
            for form, values in accuracy.items()
        },
        calibration_error={
            truth: round(value, 4) for truth, value in measured.calibration_error.items()
        },
        origin={**card.origin, "accuracy_on": f"{split}, one crop"},
        versions={**card.versions, **converter_versions()},
    )


def _reported(comparisons: dict[str, Comparison]) -> str:
    return "PrivateTest" if "PrivateTest" in comparisons else "PublicTest"


def _tell(comparisons: dict[str, Comparison]) -> None:
    for split, comparison in comparisons.items():
        for truth, before in comparison.float_accuracy.items():
            after = comparison.int8_accuracy[truth]
            print(f"{split:12} {truth:8} float {before:.2%}  int8 {after:.2%}")
        print(f"{split:12} {comparison.changed} of {comparison.faces} faces change their answer")
