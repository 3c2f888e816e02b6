"""What correcting for the training's shares is worth, and which power is the best."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fer_edge import EmotionClassifier
from fer_edge.errors import ModelFileError
from fer_edge.models import find_model
from fer_edge.models.file import attach_card, read_model
from tests.train.conftest import WholeFer2013
from train.data.faces import FER2013_LABELS, Faces
from train.data.prepared import Prepared
from train.data.sources import Votes, read_votes
from train.emotion.measuring.calibration import (
    fit_calibration,
    learned_terms,
    likeliest_temperature,
)
from train.emotion.measuring.inference import probabilities_of
from train.emotion.measuring.priors import (
    LARGEST_ACCURACY_LOSS,
    LARGEST_CHANGED_SHARE,
    PRIORS_POWERS,
    PowerFigures,
    best,
    corrected,
    figures_by_power,
    learned_shares,
)
from train.emotion.measuring.priors_of_model import (
    chart,
    emotion_model,
    recalibrated,
    table,
)
from train.emotion.measuring.steadiness import told_and_moved
from train.emotion.truths import truth_of
from train.errors import DatasetError, RunError

LEARNED = np.array([0.7, 0.2, 0.1])


def drawn(shares: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Calibrated logits and right answers of a model that has learned from these shares."""
    random = np.random.default_rng(1)
    right = random.choice(3, count, p=shares)
    evidence = random.normal(0, 1, (count, 3)) + np.eye(3)[right]
    # Of two normal densities that are one apart, the logarithm of the ratio is linear.
    return evidence + np.log(shares), right


def test_a_correction_finds_the_shares_of_another_scene() -> None:
    """Where all are equally common, the power 1 is right: Bayes' rule says so."""
    evidence, right = drawn(np.full(3, 1 / 3), 30_000)
    logits = evidence - np.log(1 / 3) + np.log(LEARNED)
    told = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    every = figures_by_power(told, right, LEARNED)
    assert max(every, key=lambda one: one.accuracy).power >= 0.8
    assert every[-1].calibration_error < 0.02 < every[0].calibration_error
    assert np.allclose(corrected(told, LEARNED, 0), told)


def test_the_best_costs_no_more_than_it_may() -> None:
    every = [
        PowerFigures(0, 0.8, 0.5, 0),
        PowerFigures(0.1, 0.796, 0.6, 0),
        PowerFigures(0.2, 0.794, 0.9, 0),
    ]
    assert best(every).power == 0.1
    assert every[0].accuracy - best(every).accuracy <= LARGEST_ACCURACY_LOSS


def test_the_best_is_steady_where_any_is() -> None:
    unsteady = PowerFigures(0.4, 0.8, 0.7, 0, changed=LARGEST_CHANGED_SHARE + 1e-6)
    steady = PowerFigures(0.2, 0.8, 0.6, 0, changed=LARGEST_CHANGED_SHARE)
    least = PowerFigures(0, 0.8, 0.5, 0, changed=0.0)
    assert best([least, steady, unsteady]) == steady
    assert best([dataclasses.replace(least, changed=0.2), unsteady]) == unsteady
    too_dear = dataclasses.replace(steady, accuracy=0.8 - 2 * LARGEST_ACCURACY_LOSS)
    assert best([dataclasses.replace(least, changed=0.2), too_dear, unsteady]) == unsteady


def test_answers_that_change_are_counted_with_the_correction() -> None:
    """The first face's answer changes as trained, the second's only if rare emotions count more."""
    before = np.array([[0.6, 0.4], [0.7, 0.3]])
    after = np.array([[0.4, 0.6], [0.6, 0.4]])
    learned = np.array([0.7, 0.3])
    right = np.array([0, 1])
    every = figures_by_power(before, right, learned, (before, after))
    assert (every[0].power, every[0].changed) == (0, 0.5)
    assert corrected(before, learned, 0.8)[1].argmax() != corrected(after, learned, 0.8)[1].argmax()
    assert every[8].changed == 0.5, "with 0.8 the first face is the second emotion in both"
    logits = (np.log(before), np.log(after))
    shares = {"happy": 0.7, "sad": 0.3}
    _, asked = fit_calibration(np.log(before), right, shares, 0.8, logits)
    told = [probabilities_of(one, asked.temperature, learned_terms(shares, 0.8)) for one in logits]
    assert asked.measured.changed == (told[0].argmax(axis=1) != told[1].argmax(axis=1)).mean()
    assert figures_by_power(before, right, learned)[0].changed is None


def test_each_power_gets_the_temperature_that_suits_it() -> None:
    logits, right = drawn(LEARNED, 5000)
    every, chosen = fit_calibration(
        2 * logits, right, dict(zip("abc", LEARNED.tolist(), strict=True))
    )
    assert [one.measured.power for one in every] == list(PRIORS_POWERS)
    assert every[0].temperature == pytest.approx(2, rel=0.1)
    assert chosen in every
    assert chosen.measured.macro_recall >= every[0].measured.macro_recall
    alone, only = fit_calibration(2 * logits, right, {})
    assert alone == [only]
    assert only.measured.power == 0


@pytest.fixture(scope="module")
def data(whole: WholeFer2013) -> Prepared:
    return whole.data


@pytest.fixture(scope="module")
def votes(shared: Callable[[str], Path]) -> Votes:
    return read_votes(shared("data/fer2013new.csv"))


def test_a_power_that_is_asked_for_replaces_the_best() -> None:
    random = np.random.default_rng(3)
    logits, right = random.normal(0, 2, (3_000, 2)), random.integers(0, 2, 3_000)
    learned = {"happy": 0.9, "sad": 0.1}
    every, asked = fit_calibration(logits, right, learned, 0.35)
    assert asked.measured.power == 0.35
    assert asked.temperature == pytest.approx(
        likeliest_temperature(logits, right, learned_terms(learned, 0.35))
    )
    assert fit_calibration(logits, right, learned)[0] == every


def test_shares_are_those_of_the_training_faces(data: Prepared, votes: Votes) -> None:
    labels = learned_shares(data.faces, None, "labels")
    counted = np.bincount(data.faces.only("Training").label) / len(data.faces.only("Training"))
    assert list(labels) == list(FER2013_LABELS)
    assert np.allclose(list(labels.values()), counted, atol=1e-5)
    people = learned_shares(data.faces, votes, "ferplus")
    assert sum(people.values()) == pytest.approx(1, abs=1e-4)
    # People call far more of these faces neutral than the labels do.
    assert people["neutral"] > 1.5 * labels["neutral"]


def test_an_emotion_that_does_not_occur_has_no_share(data: Prepared) -> None:
    faces = data.faces
    some = faces.where(faces.label != 1, "faces without disgust")
    assert learned_shares(some, None, "labels") == {}


@pytest.mark.parametrize("model", ["edge", "nano"])
def test_a_shipped_model_has_the_best_power(
    data: Prepared, votes: Votes, model: str, tmp_path: Path
) -> None:
    """What is written is what ships, so that the card says how it was made."""
    card = recalibrated(model, data.faces, votes, "ferplus", tmp_path / "again.tflite")
    shipped = EmotionClassifier(model).card
    assert card.priors == dict(shipped.priors)
    assert card.priors_power == shipped.priors_power
    assert card.temperature == pytest.approx(shipped.temperature, abs=0.02)
    written = read_model(tmp_path / "again.tflite")
    assert written.content == read_model(find_model(model)).content
    assert written.card == card
    changed = card.origin["calibration"]["corrected"]["changed"]
    assert (changed <= LARGEST_CHANGED_SHARE) == (model == "edge")
    assert changed == pytest.approx(
        _changed(EmotionClassifier(tmp_path / "again.tflite"), data.faces.only("PublicTest")),
        abs=1e-4,
    )


def _changed(classifier: EmotionClassifier, faces: Faces) -> float:
    """The share of answers that a small move changes."""
    told = told_and_moved(classifier.probabilities, faces.images, classifier.card.input)
    assert told
    return float((told[0].argmax(axis=1) != told[1].argmax(axis=1)).mean())


def test_a_table_and_its_chart(data: Prepared, votes: Votes, tmp_path: Path) -> None:
    other: Faces = data.faces.only("PrivateTest")
    figures = table("nano", data.faces, votes, "ferplus", {"other": other})
    assert list(figures["power"]) == 2 * list(PRIORS_POWERS)
    public = figures[figures["faces"] == "PublicTest"]
    assert public["macro_recall"].iloc[-1] > public["macro_recall"].iloc[0] + 0.02
    changed = figures[figures["faces"] == "other"]["changed"]
    even = EmotionClassifier("nano", priors="even")
    assert changed.iloc[-1] == pytest.approx(_changed(even, other), abs=1e-6)
    chart(figures, tmp_path / "priors.svg")
    assert (tmp_path / "priors.svg").stat().st_size > 1000
    for name in ("priors.odd", "priors", ".png"):
        with pytest.raises(DatasetError, match="a chart's name ends in its form, one of"):
            chart(figures, tmp_path / name)
    with pytest.raises(RunError, match="cannot be written"):
        chart(figures, tmp_path / "nowhere" / "priors.png")
    assert [path.name for path in tmp_path.iterdir()] == ["priors.svg"]
    strange = dataclasses.replace(other, labels=("bored",) * len(other.labels))
    with pytest.raises(DatasetError, match="strange has no face of an emotion that the model"):
        table("nano", data.faces, votes, "ferplus", {"strange": strange})


def test_only_uncorrected_figures_are_told_as_such(
    data: Prepared, votes: Votes, tmp_path: Path
) -> None:
    """`large` was corrected before it was converted: its card has no others."""
    content, card = emotion_model("nano")
    origin = {name: one for name, one in card.origin.items() if name != "accuracy_as_trained"}
    for power, kept in ((0.0, True), (0.1, False)):
        before = dataclasses.replace(card, origin=origin, priors_power=power)
        attach_card(content, before, tmp_path / "before.tflite", overwrite=True)
        model = str(tmp_path / "before.tflite")
        after = recalibrated(model, data.faces, votes, "ferplus", tmp_path / "after.tflite")
        found = after.origin.get("accuracy_as_trained")
        assert found == (card.accuracy if kept else None)


def test_shares_are_those_of_the_card(data: Prepared, votes: Votes, tmp_path: Path) -> None:
    """A mix of two heads has shares of its own, and other data say nothing of the model's."""
    content, card = emotion_model("nano")
    shares = dict(
        zip(reversed(card.labels), (0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.94), strict=True)
    )
    attach_card(content, dataclasses.replace(card, priors=shares), tmp_path / "nano.tflite")
    model = str(tmp_path / "nano.tflite")
    figures = table(model, data.faces, votes, "ferplus", {})
    public = data.faces.only("PublicTest")
    right = truth_of(public, votes, "ferplus")
    told = EmotionClassifier(model, priors="even").probabilities(public.images[right >= 0])
    accuracy = (told.argmax(axis=1) == right[right >= 0]).mean()
    assert figures["accuracy"].iloc[-1] == pytest.approx(accuracy, abs=1e-3)
    assert recalibrated(model, data.faces, votes, "ferplus", tmp_path / "x.tflite").priors == shares


def test_nothing_but_a_model_is_replaced(data: Prepared, votes: Votes, tmp_path: Path) -> None:
    (tmp_path / "faces.csv").write_text("emotion,pixels")
    with pytest.raises(ModelFileError, match="is no TFLite model, and is not replaced"):
        recalibrated("nano", data.faces, votes, "ferplus", tmp_path / "faces.csv")
    assert (tmp_path / "faces.csv").read_text() == "emotion,pixels"
