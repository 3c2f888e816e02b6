"""Correcting for how common the emotions are, and the errors that tell what is wrong with it."""

from __future__ import annotations

import dataclasses
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fer_edge import ArgumentError, EmotionClassifier, Frame, ModelError, Recognizer
from fer_edge.models import find_model
from fer_edge.models.card import ModelCard
from fer_edge.models.file import attach_card, read_model
from fer_edge.priors import prior_terms

SHARES = {
    "angry": 0.1, "disgust": 0.02, "fear": 0.08, "happy": 0.3, "neutral": 0.3, "sad": 0.1,
    "surprise": 0.1,
}  # fmt: skip


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`edge` with shares of our own, so that the sums below can be made by hand."""
    shipped = read_model(find_model("edge"))
    assert isinstance(shipped.card, ModelCard)
    out = tmp_path_factory.mktemp("model") / "edge.tflite"
    card = dataclasses.replace(shipped.card, priors=SHARES, priors_power=0.0)
    attach_card(shipped.content, card, out)
    return out


@pytest.fixture(scope="module")
def card(model: Path) -> ModelCard:
    found = read_model(model).card
    assert isinstance(found, ModelCard)
    return found


def faces() -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.random.default_rng(1).integers(0, 256, (5, 48, 48, 1), dtype=np.uint8)


def corrected(probabilities: Any, factors: Any) -> Any:
    """Saerens' equation 2.4, as it is written there."""
    weighted = probabilities * np.asarray(factors)
    return weighted / weighted.sum(axis=1, keepdims=True)


def test_probabilities_are_corrected_as_bayes_rule_says(model: Path, card: ModelCard) -> None:
    learned = np.array([SHARES[label] for label in card.labels])
    plain = EmotionClassifier(model, priors="as-trained").probabilities(faces())
    even = EmotionClassifier(model, priors="even").probabilities(faces())
    third = EmotionClassifier(model, priors=0.3).probabilities(faces())
    mine = {label: float(number + 1) for number, label in enumerate(card.labels)}
    user = EmotionClassifier(model, priors=mine).probabilities(faces())
    assert np.allclose(even, corrected(plain, 1 / learned), atol=1e-5)
    assert np.allclose(third, corrected(plain, learned**-0.3), atol=1e-5)
    shares = np.array(list(mine.values())) / sum(mine.values())
    assert np.allclose(user, corrected(plain, shares / learned), atol=1e-5)
    assert np.abs(even - plain).max() > 0.01


def test_what_never_occurs_is_never_told(model: Path, card: ModelCard) -> None:
    mine = dict.fromkeys(card.labels, 1.0) | {"disgust": 0}
    told = EmotionClassifier(model, priors=mine).probabilities(faces())
    assert (told[:, card.labels.index("disgust")] == 0).all()
    assert np.allclose(told.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("size", [5e-324, 1e-300, 1e308])
def test_only_the_relation_of_shares_counts(card: ModelCard, size: float) -> None:
    """Also of shares whose sum no float can hold."""
    terms = prior_terms(card, dict.fromkeys(card.labels, size))
    assert np.allclose(terms, prior_terms(card, dict.fromkeys(card.labels, 1.0)))


def test_the_ends_have_names(card: ModelCard) -> None:
    assert not prior_terms(card, "as-trained").any()
    assert (prior_terms(card, "even") == prior_terms(card, 1)).all()
    assert (prior_terms(card, "as-trained") == prior_terms(card, np.float64(0))).all()


def test_without_priors_the_card_decides(card: ModelCard) -> None:
    other = dataclasses.replace(card, priors_power=0.4)
    assert (prior_terms(other, None) == prior_terms(card, 0.4)).all()
    assert not prior_terms(other, "as-trained").any()


@pytest.mark.parametrize(
    "priors",
    [
        "uneven", "", b"even", True, -0.1, 1.1, math.nan, math.inf, [1, 2], object(),
        {}, {"happy": 1.0}, SHARES | {"contempt": 0.1}, SHARES | {"happy": -0.1},
        SHARES | {"happy": math.nan}, SHARES | {"happy": "much"}, dict.fromkeys(SHARES, 0.0),
        SHARES | {1: 0.1},
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_name(model: Path, priors: Any) -> None:
    with pytest.raises(ArgumentError, match=r"priors|share"):
        Recognizer(model, priors=priors)


def test_a_card_that_does_not_say_how_common_they_were_corrects_nothing(card: ModelCard) -> None:
    silent = dataclasses.replace(card, priors={}, priors_power=0.0)
    assert not prior_terms(silent, None).any()
    assert not prior_terms(silent, "as-trained").any()
    for priors in ("even", 0.5, SHARES):
        with pytest.raises(ModelError, match="does not say how common"):
            prior_terms(silent, priors)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("priors", {"happy": 1.0}),
        ("priors", SHARES | {"happy": 0.0}),
        ("priors", SHARES | {"happy": 0.9}),
        ("priors", [0.1]),
        ("priors_power", -0.1),
        ("priors_power", 1.1),
        ("priors_power", "0.5"),
    ],
)
def test_a_card_whose_priors_cannot_be_is_refused(card: ModelCard, field: str, value: Any) -> None:
    with pytest.raises(ModelError, match="priors"):
        ModelCard.from_json(card.to_json() | {field: value})


def test_a_power_of_shares_that_are_not_known_is_refused(card: ModelCard) -> None:
    data = card.to_json() | {"priors": {}}
    assert ModelCard.from_json(data).priors_power == 0
    with pytest.raises(ModelError, match="priors_power is not 0"):
        ModelCard.from_json(data | {"priors_power": 0.4})


def test_a_card_from_before_is_read(card: ModelCard) -> None:
    data = card.to_json()
    del data["priors"], data["priors_power"]
    found = ModelCard.from_json(data)
    assert found.priors == {}
    assert found.priors_power == 0


def test_a_frame_is_read_for_the_users_scene(model: Path, frame: Frame) -> None:
    (plain,) = Recognizer(model)(frame).faces
    never = dict.fromkeys(SHARES, 1.0) | {"happy": 0.0}
    (face,) = Recognizer(model, priors=never)(frame).faces
    assert plain.emotion.label == "happy"
    assert face.emotion.label != "happy"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("even", 0),
        ("0.3", 0),
        (",".join(f"{label}={share}" for label, share in SHARES.items()), 0),
        ("odd", 2),
        ("7", 2),
        ("happy=0.5", 2),
        ("happy=0.5,happy=0.4", 2),
        ("happy=much", 2),
        (",".join(f"{label}={share}" for label, share in [*SHARES.items(), (" sad ", 1)]), 2),
    ],
)
def test_the_command_takes_them(model: Path, text: str, code: int) -> None:
    words = ["watch", "sample", "--frames", "2", "--model", str(model), "--priors", text]
    done = subprocess.run(
        [sys.executable, "-m", "fer_edge", *words], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == code, done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("camera: " if code == 0 else "fer-edge: ")
