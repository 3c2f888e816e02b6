"""The shipped models have one name each, are small, and are read under former names too."""

from __future__ import annotations

import json
import zipfile
import zlib
from pathlib import Path

import pytest

from fer_edge import EmotionClassifier, ModelError
from fer_edge.detectors import open_detector
from fer_edge.errors import ModelFileError
from fer_edge.models import DETECTOR_NAMES, find_model, shipped_models
from fer_edge.models.detector_card import DetectorCard
from fer_edge.models.file import read_model
from tests.runtime.shipped_cards import FACE_FIELDS

KILOBYTES = {
    "edge": 1000,
    "edge-fer2013": 1000,
    "large": 3000,
    "large-fer2013": 3000,
    "nano": 350,
}
"""What each shipped emotion model may weigh."""


def test_these_models_are_shipped() -> None:
    assert set(shipped_models()) == {*KILOBYTES, *DETECTOR_NAMES}


def test_each_detector_has_one_name() -> None:
    with pytest.raises(ModelFileError, match=r"no model at face; .*, face-detector"):
        find_model("face")
    with pytest.raises(ModelError, match="no detector is called face; expected face-detector"):
        open_detector("face")


def test_models_with_former_names_are_read(tmp_path: Path) -> None:
    model, path = read_model(find_model("face-detector")), tmp_path / "older.tflite"
    crc = {"model_crc32": zlib.crc32(model.content)}
    path.write_bytes(model.content)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("card.json", json.dumps({**FACE_FIELDS, **crc, "task": "face"}))
    assert read_model(path) == model
    assert model.card.to_json()["task"] == "detection"
    fields = dict(FACE_FIELDS)
    fields["least_score"], fields["overlap"] = fields.pop("score_threshold"), 0.25
    del fields["iou_threshold"]
    card = DetectorCard.from_json(fields)
    assert (card.score_threshold, card.iou_threshold) == (FACE_FIELDS["score_threshold"], 0.25)


@pytest.mark.parametrize("name", KILOBYTES)
def test_a_shipped_model_is_small_and_knows_the_seven_emotions(name: str) -> None:
    assert find_model(name).stat().st_size <= 1000 * KILOBYTES[name]
    card = EmotionClassifier(name).card
    assert sorted(card.labels) == sorted(
        ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]
    )
    # What quantization costs, measured before probabilities were corrected for common emotions.
    measured = card.origin.get("accuracy_as_trained", card.accuracy)
    for truth, before in measured["float32"].items():
        assert before - measured["int8"][truth] <= 0.004
    assert card.origin["data"]["faces"]["Training"] == 28709
