"""What a finished detector's run leaves for conversion: its card, and scenes to convert on."""

from __future__ import annotations

import importlib.metadata

import keras
import numpy as np

from fer_edge.detectors.grid import LANDMARKS
from fer_edge.models.face_card import FaceCard
from fer_edge.version import __version__
from train.detector.data.pictures import Picture
from train.detector.data.training_set import Material, Sources
from train.detector.finders import OVERLAP, FloatFinder
from train.detector.measuring.metrics import least_score, measure
from train.detector.scenes.mosaic import scene
from train.detector.scenes.placed import Scene
from train.detector.settings import DetectorSettings
from train.detector.targets import STRIDES
from train.run.folder import RunFolder, read_json, write_json

CALIBRATION_SCENES = 300
TEST_SCENES = 200
SIDE = 416
"""Pixels at which the threshold is chosen."""
SQUARE_SIDE, SQUARE_DOWN = 0.95, 0.0
"""From hair line to chin, as a multiple of the box's longer side (`python -m train framing`)."""


def finish(
    run: RunFolder,
    network: keras.Model,
    settings: DetectorSettings,
    sources: Sources,
    material: Material,
) -> None:
    """Choose the threshold and measure on held-out pictures; write card.json and scenes.npz.

    Args:
        run: where to.
        network: the finished one.
        settings: of the run.
        sources: what the material was read from.
        material: likewise.
    """
    made = read_json(run.settings)
    backend = keras.backend.backend()
    finder = FloatFinder(network)
    threshold = least_score(finder, material.held_out, SIDE)
    card = FaceCard(
        name="face",
        strides=STRIDES,
        landmarks=LANDMARKS,
        least_score=threshold,
        overlap=OVERLAP,
        square_side=SQUARE_SIDE,
        square_down=SQUARE_DOWN,
        origin={
            "data": {"file": sources.pictures.name, "pictures": len(material.learned)},
            "sha256": made["sources"],
            "settings": made["settings"],
            "command": made["command"],
        },
        accuracy={"float32": measure(finder, material.held_out, material.held_out, threshold)},
        versions={
            "fer_edge": __version__,
            "keras": keras.__version__,
            backend: importlib.metadata.version(backend),
        },
        minimum_runtime="0.1.0",
    )
    write_json(run.card, card.to_json())
    calibration = _scenes(material.shown(), settings, CALIBRATION_SCENES)
    tests = _scenes(material.held_out, settings, TEST_SCENES)
    np.savez(
        run.scenes,
        calibration=np.stack([one.image for one in calibration])[..., np.newaxis],
        test=np.stack([one.image for one in tests])[..., np.newaxis],
    )


def _scenes(pictures: list[Picture], settings: DetectorSettings, count: int) -> list[Scene]:
    random = np.random.default_rng((settings.seed, 10**7))
    return [scene(pictures, settings.side, random) for _ in range(count)]
