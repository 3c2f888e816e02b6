"""A card that is wrong, or belongs to another model, is refused."""

from __future__ import annotations

import copy
import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from fer_edge import EmotionClassifier, ModelError
from fer_edge.detectors import FaceDetector
from fer_edge.models import find_model
from fer_edge.models.card import ModelCard
from fer_edge.models.detector_card import DetectorCard
from fer_edge.models.file import attach_card, read_model
from tests.runtime.shipped_cards import EDGE, FACE_FIELDS, FIELDS


def changed(*keys: str, to: Any) -> dict[str, Any]:
    fields: dict[str, Any] = copy.deepcopy(FIELDS)
    inner = fields
    for key in keys[:-1]:
        inner = inner[key]
    inner[keys[-1]] = to
    return fields


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            changed("labels", to=["happy", "sad"]) | {"priors": {}, "priors_power": 0},
            "belongs to another model",
        ),
        (changed("input", "height", to=64), "belongs to another model"),
        (changed("input", "colour", to="rgb"), "belongs to another model"),
        (changed("minimum_runtime", to="99.0"), "needs fer-edge 99.0 or later"),
        # As text it would be an earlier one.
        (changed("minimum_runtime", to="0.1000"), "needs fer-edge 0.1000 or later"),
    ],
)
def test_a_card_that_contradicts_its_model_is_refused(
    fields: dict[str, Any], message: str, tmp_path: Path
) -> None:
    path = tmp_path / "other.tflite"
    attach_card(read_model(EDGE).content, ModelCard.from_json(fields), path)
    with pytest.raises(ModelError, match=message):
        EmotionClassifier(path)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("schema", 2),
        ("task", "emotion"),
        ("strides", [16, 8]),
        ("strides", [8, 24]),
        ("strides", []),
        ("strides", 8),
        ("score_threshold", float("nan")),
        ("iou_threshold", 2),
        ("origin", None),
    ],
)
def test_a_wrong_card_of_a_detector_is_refused(key: str, value: Any) -> None:
    fields = json.loads(json.dumps(DetectorCard.from_json(FACE_FIELDS).to_json()))
    assert fields == FACE_FIELDS
    with pytest.raises(ModelError):
        DetectorCard.from_json({**fields, key: value})


@pytest.mark.parametrize("names", [("nose",), (*FACE_FIELDS["landmarks"][::-1],)])
def test_landmarks_that_the_numbers_are_not_are_refused(
    names: tuple[str, ...], tmp_path: Path
) -> None:
    faces = read_model(find_model("face-detector"))
    assert isinstance(faces.card, DetectorCard)
    card = dataclasses.replace(faces.card, landmarks=names)
    attach_card(faces.content, card, tmp_path / "face.tflite")
    with pytest.raises(ModelError, match="landmarks"):
        FaceDetector(tmp_path / "face.tflite")


def test_a_detector_for_a_later_runtime_is_refused(tmp_path: Path) -> None:
    faces = read_model(find_model("face-detector"))
    card = dataclasses.replace(faces.card, minimum_runtime="99.0")
    attach_card(faces.content, card, tmp_path / "face.tflite")
    with pytest.raises(ModelError, match=r"needs fer-edge 99\.0 or later"):
        FaceDetector(tmp_path / "face.tflite")


def test_cards_on_each_others_models_are_refused(tmp_path: Path) -> None:
    faces, emotions = read_model(find_model("face-detector")), read_model(EDGE)
    attach_card(emotions.content, faces.card, tmp_path / "face.tflite")
    attach_card(faces.content, emotions.card, tmp_path / "emotion.tflite")
    with pytest.raises(ModelError, match="belongs to another model"):
        FaceDetector(tmp_path / "face.tflite")
    with pytest.raises(ModelError, match="belongs to another model"):
        EmotionClassifier(tmp_path / "emotion.tflite")
    for opener, name in ((EmotionClassifier, "face-detector"), (FaceDetector, "edge")):
        with pytest.raises(ModelError):
            opener(name)


@pytest.mark.parametrize(
    "fields",
    [
        None,
        [],
        {},
        changed("schema", to=2),
        changed("task", to="weather"),
        changed("labels", to=["happy", "happy"]),
        changed("labels", to=7),
        changed("input", to=None),
        changed("input", "colour", to="cmyk"),
        changed("input", "height", to=-48),
        changed("input", "margin", to="wide"),
        changed("input", "margin", to=float("nan")),
        changed("temperature", to=0),
        changed("accuracy", to=3),
        changed("minimum_runtime", to="soon"),
    ],
)
def test_a_wrong_card_is_a_model_error(fields: Any) -> None:
    with pytest.raises(ModelError):
        ModelCard.from_json(fields)
