"""Make the int8 model of a finished detector's run, with its card, and compare it."""

from __future__ import annotations

import dataclasses
import json
import os
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from convert.errors import ConversionError
from convert.quantize import converter_versions, quantize
from convert.run import read_network
from convert.stem import with_rows_as_channels
from convert.workshop import workshop_beside
from fer_edge.detectors.face_detector import FaceDetector
from fer_edge.detectors.grid import Candidates, candidates, pairwise_iou, weighted_nms
from fer_edge.errors import FerEdgeError
from fer_edge.handover import DetectorHandover
from fer_edge.models.detector_card import DetectorCard
from fer_edge.models.file import attach_card

SAME_FACE_IOU = 0.5
"""The intersection over union from which on float and int8 mean the same face."""
SCENES_AT_ONCE = 20
"""Scenes that the float network sees in one call: one a call takes ten times as long."""


@dataclass(frozen=True)
class DetectorTraining:
    """A finished training of a detector."""

    network: keras.Model
    """In float32, pixels 0..255 to grids of numbers."""
    card: DetectorCard
    """As training declared it."""
    data: DetectorHandover
    """Scenes to quantize and to compare on."""


def convert_detector(folder: Path, out: Path | None, largest_loss: float) -> None:
    """Quantize, attach the card, read back, compare, and only then put the file in its place.

    Raises:
        ConversionError: the run is not finished, or of a hundred faces that the float network
            finds int8 loses more than `largest_loss`.
    """
    run = _read(folder)
    out = out or folder / f"{run.card.name}.tflite"
    with workshop_beside(out) as workshop:
        pictures = run.data.calibration_images
        _, height, width, _ = pictures.shape
        rows = with_rows_as_channels(run.network, height, width)
        side = rows.input_shape[-1]
        content = quantize(rows, lambda: iter(pictures.reshape(-1, height, width // side, side)))
        draft = workshop / "draft.tflite"
        attach_card(content, run.card, draft)
        detector = FaceDetector(draft)
        before = _float(run)
        after = [
            detector.find(image[:, :, 0], run.card.score_threshold)
            for image in run.data.test_images
        ]
        total = sum(len(one.scores) for one in before)
        kept = sum(_common(*pair) for pair in zip(before, after, strict=True))
        others = sum(len(one.scores) for one in after) - kept
        print(
            f"float32 finds {total} faces in {len(before)} scenes; int8 finds {kept} of them and "
            f"{others} others"
        )
        if total == 0:
            raise ConversionError(
                f"the float network finds no face in {len(before)} test scenes, so that int8 "
                f"cannot be compared with it: train it longer; {out} was not written"
            )
        if 100 * (1 - kept / total) > largest_loss:
            raise ConversionError(
                f"int8 loses {total - kept} of {total} faces, allowed are {largest_loss:g} %; "
                f"{out} was not written"
            )
        beside = {"float32 finds": total, "int8 finds of them": kept, "and others": others}
        card = dataclasses.replace(
            run.card,
            accuracy={**run.card.accuracy, "int8": beside},
            versions={**run.card.versions, **converter_versions()},
        )
        attach_card(content, card, draft)
        FaceDetector(draft)
        os.replace(draft, out)
    print(f"wrote {out}: {out.stat().st_size / 1000:.0f} kB")


def _read(folder: Path) -> DetectorTraining:
    advice = "expected the folder of a finished python -m train detector"
    network = read_network(folder / "model.keras", advice)
    try:
        card = DetectorCard.from_json(json.loads((folder / "card.json").read_text("utf-8")))
        return DetectorTraining(network, card, DetectorHandover.read(folder / "scenes.npz"))
    except (OSError, ValueError, RecursionError, FerEdgeError) as error:
        raise ConversionError(f"{folder} cannot be read ({error}); {advice}") from error


def _float(run: DetectorTraining) -> list[Candidates]:
    """What the float network finds in each test scene."""
    found = []
    for start in range(0, len(run.data.test_images), SCENES_AT_ONCE):
        scenes = run.data.test_images[start : start + SCENES_AT_ONCE].astype(np.float32)
        grids = [np.asarray(grid) for grid in run.network(scenes, training=False)]
        for numbers in zip(*grids, strict=True):
            rows = candidates(list(numbers), run.card.strides, run.card.score_threshold)
            found.append(weighted_nms(rows, run.card.iou_threshold))
    return found


def _common(before: Candidates, after: Candidates) -> int:
    """How many of the faces before are there after, each at most once."""
    shared = pairwise_iou(before.boxes, after.boxes)
    common = 0
    for row in shared:
        if len(row) and row.max() >= SAME_FACE_IOU:
            shared[:, row.argmax()] = 0
            common += 1
    return common
