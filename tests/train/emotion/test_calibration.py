"""Calibration finds what was done to probabilities."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest
from scipy.special import softmax

from fer_edge import EmotionClassifier
from fer_edge.calibration_error import calibration_error
from train.data.prepared import Prepared
from train.data.sources import Votes
from train.emotion.card import new_card
from train.emotion.distillation.cross_fitting import check_unseen
from train.emotion.fit import fit
from train.emotion.measuring.calibration import calibrate, likeliest_temperature
from train.emotion.measuring.metrics import Answered, measure, reliability
from train.emotion.measuring.priors import has_class_weights, learned_shares
from train.emotion.measuring.reader import find_reader
from train.emotion.measuring.steadiness import steadiness
from train.emotion.run import EmotionRun
from train.emotion.selection import FOLDS_VERSION, check_folds, selection_of
from train.emotion.settings import Settings
from train.emotion.truths import truths_of
from train.errors import RunError
from train.run.files import read_json, write_json


@pytest.mark.parametrize("applied", [0.5, 1.0, 1.7])
def test_it_finds_the_temperature_that_was_applied(applied: float) -> None:
    random = np.random.default_rng(0)
    logits = random.normal(0, 2, (40_000, 5))
    right = (softmax(logits, axis=1).cumsum(axis=1) < random.random((40_000, 1))).sum(axis=1)
    assert likeliest_temperature(applied * logits, right) == pytest.approx(applied, rel=0.03)


def test_hopeless_logits_give_finite_answers() -> None:
    right = np.arange(3)
    for logits in (np.zeros((3, 3)), 1e4 * np.eye(3), -1e4 * np.eye(3)):
        assert 0.05 <= likeliest_temperature(logits, right) <= 20


def test_a_run_says_how_steady_its_answers_are(
    teacher: EmotionRun, data: Prepared, tmp_path: Path
) -> None:
    run = EmotionRun(tmp_path / "run")
    shutil.copytree(teacher.folder, run.folder)
    calibrate(run, data.faces, None, "labels")
    figures = run.read_card().origin["calibration"]
    faces = selection_of(run, data.faces)
    kept = steadiness({"run": find_reader(str(run.folder))}, faces, "PublicTest")["run"]
    assert figures["corrected"]["changed"] == pytest.approx(
        1 - kept["moved by 3% of the side"], abs=1e-4
    )
    assert 0 <= figures["as_trained"]["changed"] < 0.5


def test_a_majority_that_no_face_has_is_left_out_with_a_word(
    data: Prepared, votes: Votes, caplog: pytest.LogCaptureFixture
) -> None:
    assert len(truths_of(data.faces, "PublicTest", votes)) == 2
    nobody = np.where((votes.split == 1)[:, np.newaxis], 0, votes.counts)
    few = dataclasses.replace(votes, counts=nobody)
    assert list(truths_of(data.faces, "PublicTest", few)) == ["fer2013"]
    assert "FER+'s majority is left out: none of PublicTest's faces has one" in caplog.text
    assert len(truths_of(data.faces, "PrivateTest", few)) == 2


def test_reliability_is_of_answers_and_not_of_classes() -> None:
    """Half of the answers given with 0.9 are right: an error of 0.4; those of 0.6 all: 0.4."""
    probabilities = np.array([[0.9, 0.1]] * 4 + [[0.4, 0.6]] * 4)
    expected = np.array([0, 0, 1, 1, 1, 1, 1, 1])
    images = np.zeros((8, 1, 1, 1), np.uint8)
    tested = Answered("eight", ("no", "yes"), images, expected, probabilities)
    found = reliability(tested)
    assert found.confidence == pytest.approx([0.6, 0.9])
    assert found.accuracy == pytest.approx([1.0, 0.5])
    assert found.share == pytest.approx([0.5, 0.5])
    assert calibration_error(tested.probabilities, tested.expected) == pytest.approx(0.4)
    assert measure(tested)["calibration_error"] == pytest.approx(0.4)


def test_class_weights_make_all_shares_alike(data: Prepared, votes: Votes) -> None:
    alike = learned_shares(data.faces, None, "labels", class_weights=True)
    assert list(alike.values()) == pytest.approx([1 / 7] * 7, abs=1e-5)
    as_is = learned_shares(data.faces, votes, "ferplus")
    weighted = learned_shares(data.faces, votes, "ferplus", class_weights=True)
    assert weighted["disgust"] > 2 * as_is["disgust"]
    card = EmotionClassifier("nano").card
    origin = {"settings": Settings.of("edge", {"targets.class_weights": True}).to_json()}
    assert has_class_weights(dataclasses.replace(card, origin=origin))
    # The last layer was fitted anew, without weights.
    again = {**origin, "last_layer": {}}
    assert not has_class_weights(dataclasses.replace(card, origin=again))
    flat = {"network": "lenet", "epochs": 1, "batch": 8, "class_weights": True}
    assert has_class_weights(dataclasses.replace(card, origin={"settings": flat}))
    assert not has_class_weights(dataclasses.replace(card, origin={"settings": {"odd": 1}}))
    plain = {"settings": Settings.of("edge", {}).to_json()}
    assert not has_class_weights(dataclasses.replace(card, origin=plain))


def test_a_card_of_class_weights_says_so_from_the_beginning(
    teacher: EmotionRun, data: Prepared, tmp_path: Path
) -> None:
    settings = Settings.of("lenet", {"targets.class_weights": True})
    begun = new_card(settings, data, data.faces, None)
    assert list(begun.priors.values()) == pytest.approx([1 / 7] * 7, abs=1e-5)
    run = EmotionRun(tmp_path / "run")
    shutil.copytree(teacher.folder, run.folder)
    card = run.read_card()
    origin = {**card.origin, "settings": settings.to_json()}
    write_json(run.card_file, dataclasses.replace(card, origin=origin).to_json())
    calibrate(run, data.faces, None, "labels")
    assert list(run.read_card().priors.values()) == pytest.approx([1 / 6] * 6, abs=1e-5)


def test_folds_of_an_older_version_are_not_measured(
    teacher: EmotionRun, data: Prepared, tmp_path: Path
) -> None:
    run = EmotionRun(tmp_path / "run")
    shutil.copytree(teacher.folder, run.folder)
    facts = read_json(run.run_file)
    facts["settings"]["data"] |= {"folds": 3, "fold": 1}
    write_json(run.run_file, facts)
    told = "was made by an older version, whose folds were others"
    with pytest.raises(RunError, match=told):
        selection_of(run, data.faces)
    with pytest.raises(RunError, match=told):
        check_unseen([run], data, data.faces)
    with pytest.raises(RunError, match=told):
        fit(run.read_settings(), data, None, run, resume=True)
    card = run.read_card()
    together = {**card.origin, "data": {**card.origin["data"], "folds_version": FOLDS_VERSION}}
    write_json(run.card_file, dataclasses.replace(card, origin=together).to_json())
    assert len(selection_of(run, data.faces).only("PrivateTest")) > 100
    known = data.faces.person + 1 + np.arange(len(data.faces))
    write_json(run.card_file, card.to_json())
    check_folds(run, dataclasses.replace(data.faces, person=known))
