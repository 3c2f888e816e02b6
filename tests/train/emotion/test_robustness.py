"""Corrupted faces are what they are called, and the shipped model is measured on them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from fer_edge import EmotionClassifier
from train.data.faces import FER2013_LABELS, Faces
from train.data.sources import read_source, read_votes
from train.emotion.measuring.corruptions import UNCORRUPTED, corruptions
from train.emotion.measuring.robustness import robustness, transfer
from train.errors import DatasetError


@pytest.fixture(scope="module")
def few(tables: Path) -> Faces:
    return read_source(tables)


@pytest.mark.parametrize("name", corruptions())
def test_each_corruption_changes_faces_alike_each_time(name: str, few: Faces) -> None:
    faces = few.images[:20]
    changed = corruptions()[name](faces)
    assert changed.shape == faces.shape
    assert changed.dtype == np.uint8
    assert (corruptions()[name](faces) == changed).all()
    differ = (changed != faces).any(axis=(1, 2, 3))
    # A face or two are black all over, or alike on both sides.
    assert differ.mean() >= 0.9 if name != UNCORRUPTED else not differ.any()


def test_they_do_what_they_say() -> None:
    face = np.zeros((1, 48, 48, 1), np.uint8)
    face[:, 20:28, 20:28] = 240
    by_name = {name: change(face)[0, :, :, 0] for name, change in corruptions().items()}
    assert by_name["a third of the light"].max() == 80
    assert by_name["cut 15 % closer"].astype(int).sum() > 1.2 * face.astype(int).sum()
    moments = cv2.moments(by_name["shifted 10 %"])
    centre = np.array([moments["m10"], moments["m01"]]) / moments["m00"]
    assert np.hypot(*(centre - 23.5)) == pytest.approx(4.8, abs=0.1)
    assert by_name["noise of 20 steps"][0].std() > 5
    assert (by_name["eyes covered"][12:23] == by_name["eyes covered"][12, 0]).all()


class _Three:
    """Says of each face whether it is bright, in an order of its own."""

    card = dataclasses.replace(EmotionClassifier("nano").card, labels=("sad", "happy", "angry"))

    def probabilities(self, batch: np.ndarray) -> np.ndarray:
        bright = batch.mean(axis=(1, 2, 3)) > 100
        return np.stack([~bright, bright, np.zeros_like(bright)], axis=1).astype(np.float32)


def test_a_model_of_fewer_emotions_is_measured_on_faces_of_these() -> None:
    """Numbers of labels are the model's, not the dataset's."""
    names = ("happy", "sad", "sad", "angry", "sad")
    label = np.array([FER2013_LABELS.index(name) for name in names])
    lights = np.array([200, 10, 200, 10, 90], np.uint8)
    coarse = np.random.default_rng(1).integers(0, 50, (5, 16, 16, 1), np.uint8)
    faces = Faces(
        images=coarse.repeat(3, axis=1).repeat(3, axis=2) + lights[:, None, None, None],
        label=label,
        split=np.array([1, 1, 1, 1, 0]),
        labels=FER2013_LABELS,
        row=np.arange(5),
        person=np.full(5, -1),
        is_fer2013_table=False,
    )
    measured = robustness(_Three(), faces, None, "PublicTest")
    assert measured.accuracies.set_index("faces")["labels"][UNCORRUPTED] == 0.5
    told = measured.confusion["labels"]
    assert list(told.index) == ["sad", "happy", "angry"]
    assert told.loc["sad", "happy"] == told.loc["sad", "sad"] == 0.5
    # Without a face that is new, there is no figure for new ones.
    again = dataclasses.replace(faces, images=faces.images[[4, 4, 4, 4, 4]])
    name = "without 4 seen before it"
    row = robustness(_Three(), again, None, "PublicTest").accuracies.set_index("faces").loc[name]
    assert np.isnan(row["labels"])
    other = dataclasses.replace(faces, label=label + 1)
    with pytest.raises(DatasetError, match=r"some faces are disgust, .*: leave these out"):
        robustness(_Three(), other, None, "PublicTest")


@pytest.mark.parametrize("split", ["PublicTest", "PrivateTest"])
def test_the_shipped_model_is_measured(few: Faces, tables: Path, split: str) -> None:
    votes = read_votes(tables / "fer2013new.csv")
    measured = robustness(EmotionClassifier("edge"), few, votes, split)
    assert list(measured.accuracies.columns) == ["faces", "fer2013", "ferplus"]
    assert len(measured.accuracies) == len(corruptions()) + 1
    by_name = measured.accuracies.set_index("faces")["ferplus"]
    assert by_name[UNCORRUPTED] > by_name["16 px enlarged"]

    assert list(measured.confusion) == ["fer2013", "ferplus"]
    by_label = measured.confusion["fer2013"]
    assert list(by_label.index) == list(by_label.columns) == list(few.labels)
    counts = np.bincount(few.only(split).label, minlength=7)
    assert by_label.sum(axis=1).to_numpy() == pytest.approx((counts > 0).astype(float))
    assert by_label.loc["happy", "happy"] > 0.6
    right = (np.diag(by_label) * counts).sum() / counts.sum()
    assert right == pytest.approx(measured.accuracies["fer2013"][0])


def test_transfer_leaves_unknown_emotions_out(shared: Callable[[str], Path], few: Faces) -> None:
    labels_model = EmotionClassifier("edge-fer2013")
    found = transfer(labels_model, read_source(shared("data/ckplus48.zip")))
    assert found["faces"] == 981 - 54
    assert "contempt" not in found["recall"]
    assert found["accuracy"] > 0.7
    ckplus = read_source(shared("data/ckplus48.zip"))
    with pytest.raises(DatasetError, match="no faces"):
        transfer(labels_model, ckplus.where(ckplus.label == 7, "contempt"))
