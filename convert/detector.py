"""Make the int8 model of a finished detector's run, with its card, and compare it."""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from convert.errors import ConversionError
from convert.quantize import converter_versions, quantize
from convert.run import read_network
from convert.stem import with_rows_as_channels
from convert.temporary_folder import temporary_folder_beside
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


@dataclass(frozen=True)
class DetectorComparison:
    """The float network and the int8 file on the test scenes."""

    scenes: int
    """All of them."""
    faces: int
    """That the float network finds."""
    kept: int
    """Of these, those that int8 finds, too."""
    others: int
    """That only int8 finds."""

    @property
    def loss(self) -> float:
        """Percent of the float network's faces."""
        return 100 * (1 - self.kept / self.faces)


def convert_detector(folder: Path, fields: Any, out: Path | None, largest_loss: float) -> None:
    """Quantize, attach the card, read back, compare, and only then put the file in its place.

    Args:
        folder: the run's.
        fields: of its card.
        out: the file; None: in the folder, named after the network.
        largest_loss: of a hundred faces that the float network finds.

    Raises:
        ConversionError: the run is not finished, the float network finds no face, or int8 loses
            more than `largest_loss`.
    """
    run = _read(folder, fields)
    out = out or folder / f"{run.card.name}.tflite"
    with temporary_folder_beside(out) as temporary:
        pictures = run.data.calibration_images
        _, height, width, _ = pictures.shape
        rows = with_rows_as_channels(run.network, height, width)
        side = rows.input_shape[-1]
        content = quantize(rows, lambda: iter(pictures.reshape(-1, height, width // side, side)))
        draft = temporary / "draft.tflite"
        attach_card(content, run.card, draft, overwrite=True)
        found = _compared(run, FaceDetector(draft))
        _check(found, largest_loss, out)
        attach_card(content, _measured(run.card, found), draft, overwrite=True)
        FaceDetector(draft)
        os.replace(draft, out)
    print(f"wrote {out}: {out.stat().st_size / 1000:.0f} kB")


def _read(folder: Path, fields: Any) -> DetectorTraining:
    advice = "expected the folder of a finished python -m train detector fit"
    network = read_network(folder / "model.keras", advice)
    try:
        card = DetectorCard.from_json(fields)
        return DetectorTraining(network, card, DetectorHandover.read(folder / "scenes.npz"))
    except FerEdgeError as error:
        raise ConversionError(f"{folder} cannot be read ({error}); {advice}") from error


def _compared(run: DetectorTraining, detector: FaceDetector) -> DetectorComparison:
    before = _float(run)
    after = [
        detector.find(image[:, :, 0], run.card.score_threshold) for image in run.data.test_images
    ]
    kept = sum(faces_in_both(*pair) for pair in zip(before, after, strict=True))
    others = sum(len(one.scores) for one in after) - kept
    return DetectorComparison(len(before), sum(len(one.scores) for one in before), kept, others)


def _check(found: DetectorComparison, largest_loss: float, out: Path) -> None:
    print(
        f"float32 finds {found.faces} faces in {found.scenes} scenes; int8 finds {found.kept} of "
        f"them and {found.others} others"
    )
    if found.faces == 0:
        raise ConversionError(
            f"the float network finds no face in {found.scenes} test scenes, so that int8 "
            f"cannot be compared with it: train it longer; {out} was not written"
        )
    if found.loss > largest_loss:
        raise ConversionError(
            f"int8 loses {found.faces - found.kept} of {found.faces} faces, allowed are "
            f"{largest_loss:g} %; {out} was not written"
        )


def _measured(card: DetectorCard, found: DetectorComparison) -> DetectorCard:
    beside = {
        "float32 finds": found.faces,
        "int8 finds of them": found.kept,
        "and others": found.others,
    }
    return dataclasses.replace(
        card,
        accuracy={**card.accuracy, "int8": beside},
        versions={**card.versions, **converter_versions()},
    )


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


def faces_in_both(before: Candidates, after: Candidates) -> int:
    """How many of the faces before are there after, each at most once."""
    shared = pairwise_iou(before.boxes, after.boxes)
    common = 0
    for row in shared:
        if len(row) and row.max() >= SAME_FACE_IOU:
            shared[:, row.argmax()] = 0
            common += 1
    return common
