"""A model file carries its card, and nothing but a whole one is let in."""

from __future__ import annotations

import copy
import dataclasses
import json
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fer_edge import EmotionClassifier, ModelError
from fer_edge.detectors import FaceDetector, open_detector
from fer_edge.errors import ModelFileError
from fer_edge.models import DETECTOR_NAMES, find_model, shipped_models
from fer_edge.models.card import ModelCard
from fer_edge.models.detector_card import DetectorCard
from fer_edge.models.file import attach_card, read_model

EDGE = find_model("edge")
DATA = EDGE.read_bytes()
FIELDS = json.loads(json.dumps(read_model(EDGE).card.to_json()))
FACE_FIELDS = json.loads(json.dumps(read_model(find_model("face-detector")).card.to_json()))


def changed(*keys: str, to: Any) -> dict[str, Any]:
    fields: dict[str, Any] = copy.deepcopy(FIELDS)
    inner = fields
    for key in keys[:-1]:
        inner = inner[key]
    inner[keys[-1]] = to
    return fields


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


def test_the_card_is_a_zip_member_behind_the_model() -> None:
    with zipfile.ZipFile(EDGE) as archive:
        assert json.loads(archive.read("card.json"))["labels"] == FIELDS["labels"]


def test_a_card_survives_the_way_through_json() -> None:
    assert json.loads(json.dumps(ModelCard.from_json(FIELDS).to_json())) == FIELDS


def test_attaching_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    model = read_model(EDGE)
    attach_card(model.content, model.card, tmp_path / "once.tflite")
    attach_card((tmp_path / "once.tflite").read_bytes(), model.card, tmp_path / "twice.tflite")
    assert (tmp_path / "once.tflite").read_bytes() == (tmp_path / "twice.tflite").read_bytes()


def test_a_missing_model_names_those_there_are() -> None:
    with pytest.raises(ModelError, match="one of: edge"):
        EmotionClassifier("nothing.tflite")


@pytest.mark.parametrize("kept", [0, 3, 8, 1000, len(DATA) // 2, len(DATA) - 1])
def test_a_file_cut_short_says_so(kept: int, tmp_path: Path) -> None:
    path = tmp_path / "cut.tflite"
    path.write_bytes(DATA[:kept])
    with pytest.raises(ModelError, match=r"cut short|not a TFLite model"):
        EmotionClassifier(path)


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.tflite"
    with path.open("wb") as file:
        file.truncate(1 << 40)  # a sparse file: it takes no space
    with pytest.raises(ModelError, match="larger than"):
        EmotionClassifier(path)


def test_a_model_without_a_card_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "bare.tflite"
    path.write_bytes(read_model(EDGE).content)
    with pytest.raises(ModelError, match=r"carries no card.*python -m convert"):
        EmotionClassifier(path)


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


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
@given(st.integers(0, len(DATA) - 1), st.integers(1, 255))
def test_a_changed_byte_anywhere_never_reaches_the_interpreter_unseen(
    tmp_path: Path, place: int, change: int
) -> None:
    damaged = bytearray(DATA)
    damaged[place] ^= change
    path = tmp_path / "damaged.tflite"
    path.write_bytes(bytes(damaged))
    try:
        model = read_model(path)
    except ModelError:
        return
    # Only bytes of the ZIP's directory that nobody reads (dates, attributes) may differ.
    assert model.content == read_model(EDGE).content
    assert model.card == read_model(EDGE).card


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_refused(tmp_path: Path, data: bytes, looks_right: bool) -> None:
    path = tmp_path / "any.tflite"
    path.write_bytes(b"\x1c\0\0\0TFL3" + data if looks_right else data)
    with pytest.raises(ModelError):
        EmotionClassifier(path)
