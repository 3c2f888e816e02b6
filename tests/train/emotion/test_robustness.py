"""Corrupted faces are what they are called, and the shipped model is measured on them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from fer_edge import EmotionClassifier
from train.data.faces import Faces
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
