"""Writes what conversion needs from a finished detector's run: its card, and scenes."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from fer_edge.detectors.grid import LANDMARKS
from fer_edge.handover import DetectorHandover
from fer_edge.models.detector_card import DetectorCard
from train.detector.candidate_detectors import NMS_IOU_THRESHOLD, FloatDetector
from train.detector.data.pictures import Picture
from train.detector.data.training_set import Sources, TrainingData
from train.detector.measuring.metrics import measure
from train.detector.measuring.score_threshold import choose_score_threshold
from train.detector.run import DetectorRun
from train.detector.scenes.mosaic import scene
from train.detector.scenes.placed import Scene
from train.detector.settings import DetectorSettings
from train.detector.targets import STRIDES
from train.errors import RunError
from train.run.begin import versions
from train.run.files import replacing, write_json

CALIBRATION_SCENES = 300
TEST_SCENES = 200
SQUARE_SIDE_FACTOR, SQUARE_DOWN_FACTOR = 0.8, 0.0
"""From hair line to chin, as a multiple of the box's longer side (`python -m train framing`)."""


def finish(
    run: DetectorRun,
    network: keras.Model,
    settings: DetectorSettings,
    sources: Sources,
    data: TrainingData,
) -> None:
    """Choose the score threshold on one half of the held-out pictures and report on the other;
    write card.json and scenes.npz.

    Args:
        run: where to.
        network: the finished one.
        settings: of the run.
        sources: what the data were read from.
        data: likewise.

    Raises:
        RunError: `run.json` is damaged.
    """
    made = checked_facts(run)
    detector = FloatDetector(network, settings.training.searched_once)
    threshold = choose_score_threshold(detector, data.selection)
    card = DetectorCard(
        name=settings.network.name,
        strides=STRIDES,
        landmarks=LANDMARKS,
        score_threshold=threshold,
        iou_threshold=NMS_IOU_THRESHOLD,
        square_side=SQUARE_SIDE_FACTOR,
        square_down=SQUARE_DOWN_FACTOR,
        origin={
            "data": {"file": sources.pictures_file.name, "pictures": len(data.training)},
            "sha256": made["sources"],
            "settings": made["settings"],
            "command": made["command"],
            **{name: made[name] for name in ("averaged", "landmarks_refitted") if name in made},
        },
        accuracy={"float32": measure(detector, data.reporting, data.reporting, threshold)},
        versions=versions(),
        searched_once=settings.training.searched_once,
        minimum_runtime="0.2.0",
    )
    write_json(run.card_file, card.to_json())
    calibration = _scenes(data.shown(), settings, CALIBRATION_SCENES)
    tests = _scenes(data.reporting, settings, TEST_SCENES)
    with replacing(run.scenes_file) as draft:
        DetectorHandover(
            np.stack([one.image for one in calibration])[..., np.newaxis],
            np.stack([one.image for one in tests])[..., np.newaxis],
        ).write(draft)


def checked_facts(run: DetectorRun) -> dict[str, Any]:
    """What `run.json` holds, the hashes of its sources and its command among it.

    Raises:
        RunError: it is damaged.
    """
    made = run.read_facts()
    for name, kind in (("sources", dict), ("command", str)):
        if not isinstance(made.get(name), kind):
            raise RunError(f"{run.run_file} is damaged: it does not say the run's {name}")
    return made


def _scenes(pictures: list[Picture], settings: DetectorSettings, count: int) -> list[Scene]:
    random = np.random.default_rng((settings.training.seed, 10**7))
    return [scene(pictures, settings.training.side, random) for _ in range(count)]
