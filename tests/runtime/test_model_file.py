"""A model file carries its card, and only a whole file is read."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fer_edge import EmotionClassifier, ModelError, OutputError
from fer_edge.models.card import ModelCard
from fer_edge.models.file import attach_card, read_model
from tests.runtime.shipped_cards import EDGE, FIELDS

DATA = EDGE.read_bytes()


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


def test_attaching_replaces_no_file_without_being_told_to(tmp_path: Path) -> None:
    model, path = read_model(EDGE), tmp_path / "mine.tflite"
    path.write_text("notes")
    with pytest.raises(OutputError, match=r"mine\.tflite is there already: name another file"):
        attach_card(model.content, model.card, path)
    assert path.read_text() == "notes"
    attach_card(model.content, model.card, path, overwrite=True)
    assert read_model(path).card == model.card
    with pytest.raises(OutputError, match="cannot be written: No such file"):
        attach_card(model.content, model.card, tmp_path / "nowhere" / "mine.tflite")


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
