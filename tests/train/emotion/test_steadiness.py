"""Answers are compared between a crop and the same crop moved, turned, or in other light."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from fer_edge import EmotionClassifier
from fer_edge.models.card import InputSpec, ModelCard
from tests.called import called
from train.__main__ import main
from train.data.faces import Faces
from train.data.prepared import Prepared
from train.emotion.fit import fit
from train.emotion.measuring.reader import find_reader, likeliest
from train.emotion.measuring.steadiness import cuts, steadiness, told_and_moved
from train.emotion.run import EmotionRun
from train.emotion.settings import Settings
from train.errors import DatasetError, RunError

SPEC = InputSpec(48, 48, "grey", 0.0)


def _centre(crops: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    """Of what is bright, in pixels, (faces, 2)."""
    weights = crops[..., 0].astype(float)
    along, across = np.mgrid[:48, :48]
    total = weights.sum(axis=(1, 2))
    return np.stack([(weights * axis).sum(axis=(1, 2)) / total for axis in (across, along)], axis=1)


def test_crops_lie_where_they_should() -> None:
    faces = np.zeros((30, 48, 48, 1), np.uint8)
    faces[:, 20:28, 20:28] = 240
    by_name = {name: cut(faces, SPEC) for name, cut in cuts().items()}
    assert all(crops.shape == faces.shape for crops in by_name.values())
    away = _centre(by_name["moved by 6% of the side"]) - 23.5
    assert np.hypot(*away.T) == pytest.approx(np.full(30, 0.06 * 48), abs=0.2)
    assert (away.max(axis=0) > 1).all(), "directions differ"
    assert (away.min(axis=0) < -1).all()
    bright = by_name["cut 10% closer or wider"].astype(float).sum(axis=(1, 2, 3)) / (64 * 240)
    assert {round(share, 1) for share in bright} == {0.8, 1.2}
    lit = by_name["gamma 0.4"]
    assert lit[:, 22:26, 22:26].min() == pytest.approx(255 * (240 / 255) ** 0.4, abs=2)


def test_a_turned_crop_is_turned_by_what_it_says() -> None:
    faces = np.zeros((8, 48, 48, 1), np.uint8)
    faces[:, :, 22:26] = 255
    turned = cuts()["turned by 10°"](faces, SPEC)[..., 0].astype(float)
    columns = np.arange(48)
    tops, ends = ((turned[:, row] * columns).sum(1) / turned[:, row].sum(1) for row in (8, 39))
    degrees = np.degrees(np.arctan2(ends - tops, 31))
    assert np.abs(degrees) == pytest.approx(np.full(8, 10), abs=0.5)
    assert {*np.sign(degrees)} == {-1, 1}


@dataclasses.dataclass(frozen=True)
class Balance:
    """Says "sad" of pictures that are brighter on the left, else "happy"."""

    card: ModelCard

    def probabilities(self, batch: npt.NDArray[np.uint8]) -> npt.NDArray[np.floating]:
        halves = [half.mean(axis=(1, 2, 3)) for half in (batch[:, :, :24], batch[:, :, 24:])]
        sad = (halves[0] > halves[1]).astype(float)
        return np.stack([sad, 1 - sad], axis=1)


def test_shares_are_of_answers_that_stay(data: Prepared) -> None:
    card = EmotionClassifier("nano").card
    public = data.faces.only("PublicTest")
    # A bar half a pixel off the middle: a small move to one side changes the answer.
    images = np.zeros_like(public.images)
    images[:, :, 24] = 255
    faces = dataclasses.replace(public, images=images)
    table = steadiness({"balance": Balance(card)}, faces, "PublicTest")
    kept = table["balance"]
    assert kept["gamma 0.6"] == 1
    assert 0.4 < kept["moved by 3% of the side"] < 0.9
    assert kept["cut 5% closer or wider"] == 1
    told = told_and_moved(Balance(card).probabilities, images, card.input)
    assert told
    changed = (told[0].argmax(axis=1) != told[1].argmax(axis=1)).mean()
    assert changed == pytest.approx(1 - kept["moved by 3% of the side"])
    coloured = dataclasses.replace(faces, images=images.repeat(3, axis=3))
    with pytest.raises(DatasetError, match="in colour"):
        steadiness({"balance": Balance(card)}, coloured, "PublicTest")
    assert told_and_moved(Balance(card).probabilities, coloured.images, card.input) is None


@pytest.fixture(scope="module")
def run(data: Prepared, tmp_path_factory: pytest.TempPathFactory) -> EmotionRun:
    run = EmotionRun(tmp_path_factory.mktemp("runs") / "lenet")
    fit(Settings.of("lenet", {"training.epochs": 1, "training.batch": 32}), data, None, run)
    return run


def test_runs_and_converted_models_are_measured_side_by_side(
    run: EmotionRun, tables: Path, tmp_path: Path
) -> None:
    words = ("--data", tables / "fer2013.csv", "--cache", tmp_path)
    done = called(main, "steadiness", "nano", run.folder, *words)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert "answers that stay the same" in lines[0]
    assert lines[1].split() == ["nano", str(run.folder)]
    (moved,) = (line for line in lines if line.startswith("moved by 3%"))
    shares = [float(word.rstrip("%")) for word in moved.split()[-2:]]
    assert all(50 < share <= 100 for share in shares)


def test_a_run_answers_what_its_network_says(run: EmotionRun, data: Prepared) -> None:
    faces: Faces = data.faces.only("PublicTest")
    reader = find_reader(str(run.folder))
    told = reader.probabilities(faces.images)
    assert told.sum(axis=1) == pytest.approx(np.ones(len(faces)))
    assert (likeliest(reader, faces.images) == told.argmax(axis=1)).all()


def test_what_is_no_finished_run_is_told(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"run\.json is missing"):
        find_reader(str(tmp_path))
