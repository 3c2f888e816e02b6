"""Which faces a run learns from and is tested on."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from train.data.faces import FER2013_LABELS, SPLITS, Faces
from train.data.held_out import part_of
from train.data.sources import read_source
from train.emotion.selection import kept_apart, selection
from train.emotion.settings import Settings
from train.errors import DatasetError, RunError


@pytest.fixture(scope="module")
def ckplus(shared: Callable[[str], Path]) -> Faces:
    return read_source(shared("data/ckplus48.zip"))


@pytest.fixture(scope="module")
def few(tables: Path) -> Faces:
    return read_source(tables)


def test_classes_come_from_the_data(ckplus: Faces) -> None:
    chosen = selection(ckplus, Settings.of("edge", {}))
    assert chosen.labels == ("angry", "disgust", "fear", "happy", "sad", "surprise", "contempt")
    assert np.bincount(chosen.label).tolist() == [135, 177, 75, 207, 84, 249, 54]
    assert chosen.truth == "labels"


def test_classes_may_be_chosen(few: Faces) -> None:
    chosen = selection(few, Settings.of("edge", {"data.classes": ("neutral", "happy")}))
    assert chosen.labels == ("happy", "neutral")
    assert len(chosen) == int(np.isin(few.label, [3, 6]).sum())
    with pytest.raises(DatasetError, match="no face is bored; there are angry"):
        selection(few, Settings.of("edge", {"data.classes": ("happy", "bored")}))


def test_a_sample_holds_each_class_in_its_share(few: Faces) -> None:
    few = few.where(few.label != FER2013_LABELS.index("disgust"), "all but a single one")
    chosen = selection(few, Settings.of("edge", {"data.sample": 100}))
    sizes = [int((few.split == n).sum()) for n in range(3)]
    assert [int((chosen.split == n).sum()) for n in range(3)] == [100, *sizes[1:]]
    shares = np.bincount(chosen.only("Training").label) / 100
    counts = np.bincount(few.only("Training").label, minlength=7)
    expected = counts[counts > 0] / sizes[0]
    assert np.abs(shares - expected).max() < 0.011
    assert (selection(few, Settings.of("edge", {"data.sample": 100})).row == chosen.row).all()
    other = selection(few, Settings.of("edge", {"data.sample": 100, "training.seed": 2}))
    assert (other.row != chosen.row).any()
    message = rf"a sample of 3 cannot be drawn: .* expected 6\.\.{sizes[0] - 6}, or all {sizes[0]}"
    with pytest.raises(DatasetError, match=message):
        selection(few, Settings.of("edge", {"data.sample": 3}))
    for size in (6, sizes[0] - 6):
        chosen = selection(few, Settings.of("edge", {"data.sample": size}))
        assert len(chosen.only("Training")) == size
    with pytest.raises(DatasetError, match=f"a sample of {sizes[0] - 5} cannot be drawn"):
        selection(few, Settings.of("edge", {"data.sample": sizes[0] - 5}))
    assert len(selection(few, Settings.of("edge", {"data.sample": 10_000}))) == len(few)


def test_a_class_of_a_single_face_allows_no_sample(few: Faces) -> None:
    with pytest.raises(DatasetError, match="cannot be drawn: only one face is disgust, and each"):
        selection(few, Settings.of("edge", {"data.sample": 100}))


def test_part_of_public_test_may_be_learned_from_too(few: Faces) -> None:
    few = few.where(few.label != FER2013_LABELS.index("disgust"), "all but a single one")
    chosen = selection(few, Settings.of("edge", {"data.also_public": 0.75}))
    few = selection(few, Settings.of("edge", {}))
    before, after = few.only("PublicTest"), chosen.only("PublicTest")
    assert len(after) == len(before) - round(0.75 * len(before))
    assert set(chosen.only("Training").row) == set(few.only("Training").row) | (
        set(before.row) - set(after.row)
    )
    assert (chosen.only("PrivateTest").row == few.only("PrivateTest").row).all()
    left = np.bincount(after.label, minlength=7) - np.bincount(before.label, minlength=7) / 4
    assert np.abs(left).max() <= 1
    other = selection(few, Settings.of("edge", {"data.also_public": 0.75, "training.seed": 2}))
    assert (other.only("PublicTest").row == after.row).all()


def test_no_person_is_in_two_folds_and_each_face_is_tested_once(ckplus: Faces) -> None:
    tested = []
    for fold in range(1, 6):
        chosen = selection(ckplus, Settings.of("edge", {"data.folds": 5, "data.fold": fold}))
        learning, testing = chosen.only("Training"), chosen.only("PrivateTest")
        assert not set(learning.person) & set(testing.person)
        assert len(testing) > 150
        tested += testing.row.tolist()
    assert sorted(tested) == list(range(981))


def test_folds_need_a_person_each(ckplus: Faces, caplog: pytest.LogCaptureFixture) -> None:
    """The words are ours; a small class is told of, since some folds are not tested on it."""
    settings = Settings.of("edge", {"data.folds": 3, "data.fold": 1})
    first = np.unique(ckplus.person)[:2]
    with pytest.raises(DatasetError, match="3 folds cannot be made of 2 people and at most"):
        selection(ckplus.where(np.isin(ckplus.person, first), "two people"), settings)
    happy = np.flatnonzero(ckplus.label == FER2013_LABELS.index("happy"))
    kept = ~np.isin(np.arange(len(ckplus)), happy[2:])
    with caplog.at_level(logging.WARNING):
        selection(ckplus.where(kept, "few of one"), settings)
    assert "some folds test no face that is happy" in caplog.text


def test_no_picture_of_an_unknown_person_has_its_copy_in_another_fold(few: Faces) -> None:
    images = few.images.copy()
    images[1::2] = images[::2]
    twice = dataclasses.replace(few, images=images, row=np.arange(len(few)))
    for fold in (1, 2, 3):
        chosen = selection(twice, Settings.of("edge", {"data.folds": 3, "data.fold": fold}))
        testing, learning = chosen.only("PrivateTest"), chosen.only("Training")
        assert not set(testing.row // 2) & set(learning.row // 2)


def test_unknown_people_are_warned_of(few: Faces, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        selection(few, Settings.of("edge", {"data.folds": 3, "data.fold": 1}))
    assert "may be in training and test" in caplog.text


def test_a_class_that_is_tested_but_not_learned_is_named(few: Faces) -> None:
    kept = (few.label != FER2013_LABELS.index("happy")) | (few.split != SPLITS.index("Training"))
    with pytest.raises(
        DatasetError, match=r"the test faces have happy \(first in row 38\d\), the training"
    ):
        selection(few.where(kept, "those"), Settings.of("edge", {}))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"data.folds": 1}, "expected 2 folds or more"),
        ({"data.folds": 3, "data.fold": 4}, "expected 2 folds or more"),
        ({"data.folds": 3, "data.also_public": 0.5}, "choose data.also_public or data.folds"),
        ({"data.also_public": 0.5, "targets.votes_weight": 0.5}, "votes are not for training"),
        ({"data.also_public": 0.5, "network.two_heads": True}, "votes are not for training"),
        ({"data.also_public": 1.0}, r"also_public must be 0\.\.0\.95"),
        ({"optimizer.name": "lbfgs"}, "optimizer.name must be one of sgd, adam"),
        ({"data.classes": ("happy",)}, "two classes or more"),
        ({"augmentation.strength": -1.0}, r"augmentation.strength must be 0\.\.3"),
    ],
)
def test_wrong_settings_are_refused(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(RunError, match=message):
        Settings.of("edge", wrong)


def test_a_part_without_faces_cannot_be_held_out(few: Faces) -> None:
    """Else a network would learn from all faces, and count as one that held some out."""
    parts = part_of(few, 100)
    empty = next(part for part in range(1, 101) if not (parts == part).any())
    with pytest.raises(DatasetError, match=f"part {empty} of 100 has no faces to hold out"):
        selection(few, Settings.of("edge", {"data.hold_out": empty, "data.parts": 100}))


def test_what_is_tested_or_held_out_is_kept_apart(few: Faces, ckplus: Faces) -> None:
    tested = few.split > 0
    assert (kept_apart(few, Settings.of("edge", {})) == tested).all()
    settings = Settings.of("edge", {"data.hold_out": 2, "data.parts": 3})
    assert (kept_apart(few, settings) == (tested | (part_of(few, 3) == 2))).all()
    settings = Settings.of("edge", {"data.folds": 5, "data.fold": 2})
    learned = selection(ckplus, settings).only("Training").row
    assert (kept_apart(ckplus, settings) == ~np.isin(ckplus.row, learned)).all()
