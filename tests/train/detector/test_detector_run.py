"""The detector's training from files to int8 model: stopped, resumed, converted, read back."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from convert.__main__ import main as convert
from fer_edge.detectors.face_detector import FaceDetector
from tests.train.detector.few_pictures import write_few
from train.detector import finish
from train.detector import fit as room
from train.detector.candidate_detectors import open_candidate_detector
from train.detector.data.pictures import read_pictures, split_pictures
from train.detector.data.training_set import Sources
from train.detector.fit import fit_detector
from train.detector.measuring.score_threshold import choose_score_threshold
from train.detector.run import DetectorRun
from train.detector.settings import FAST_NETWORK, PYRAMID_NETWORK, DetectorSettings
from train.errors import DatasetError, RunError
from train.run.epoch_end import EpochEnd
from train.run.files import read_json, write_json

QUICK = DetectorSettings.of(
    {"training.epochs": 2, "training.batch": 8, "training.side": 64, "optimizer.ema": 0.5}
)
TAUGHT = DetectorSettings.of(
    {
        "training.epochs": 2,
        "training.batch": 8,
        "training.side": 64,
        "optimizer.ema": 0.5,
        "network.name": PYRAMID_NETWORK,
        "distillation.features": 1.0,
    }
)


@pytest.fixture(scope="module")
def sources(
    shared: Callable[[str], Path],
    teacher: Path,
    tables: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Sources:
    """34 pictures, and 60 faces to be pasted."""
    folder = tmp_path_factory.mktemp("sources")
    crops = (tables / "fer2013.csv").read_text("utf-8").splitlines(keepends=True)
    (folder / "crops.csv").write_text("".join(crops[:61]), "utf-8")
    pictures = write_few(shared("data/faces_detection.zip"), 200, folder / "fewer.zip")
    return Sources(pictures, teacher, folder / "crops.csv")


def test_pictures_without_faces_are_missed_before_the_first_epoch(
    few: Path, tmp_path: Path
) -> None:
    path = tmp_path / "faces.zip"
    with zipfile.ZipFile(few) as whole, zipfile.ZipFile(path, "w") as part:
        table = json.loads(whole.read("annotations/train.json"))
        known = {face["image_id"] for face in table["annotations"]}
        table["images"] = [image for image in table["images"] if image["id"] in known]
        part.writestr("annotations/train.json", json.dumps(table))
        for image in table["images"]:
            part.writestr(image["file_name"], whole.read(image["file_name"]))
    with pytest.raises(DatasetError, match=r"no score threshold can be chosen.*objects or scenes"):
        fit_detector(QUICK, Sources(path), DetectorRun(tmp_path / "run"), tmp_path)


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ([], "has no settings"),
        ({"settings": {}, "command": "x"}, "is damaged: it does not say the run's sources"),
        ({"settings": {}, "sources": {}}, "is damaged: it does not say the run's command"),
        ({"settings": {}, "sources": [], "command": "x"}, "is damaged: it does not say"),
    ],
)
def test_what_a_damaged_run_does_not_say_is_named_before_it_is_needed(
    facts: Any, message: str, tmp_path: Path
) -> None:
    run = DetectorRun(tmp_path)
    if isinstance(facts, dict):
        facts = {"task": run.task, **facts}
    write_json(run.run_file, facts)
    unused: Any = None
    with pytest.raises(RunError, match=rf"run\.json {message}"):
        finish.finish(run, unused, QUICK, Sources(tmp_path / "a.zip"), unused)
    assert not run.card_file.exists()


def test_features_need_a_teacher(few: Path, tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"distillation\.features.*add --teacher"):
        fit_detector(TAUGHT, Sources(few), DetectorRun(tmp_path / "run"), tmp_path)
    other = DetectorSettings.of({"network.name": FAST_NETWORK, "distillation.features": 1.0})
    with pytest.raises(RunError, match="is for face-detector"):
        fit_detector(other, Sources(few), DetectorRun(tmp_path / "run"), tmp_path)


def _begun_with_another_network(run: DetectorRun) -> None:
    """As if its checkpoints were from before the network was changed."""
    pixels = keras.Input((None, None, 1))
    inner = keras.Sequential([pixels, keras.layers.Conv2D(4, 3, name="stem")], name="face_detector")
    for epoch in run.checkpoints():
        keras.Model(pixels, inner(pixels)).save(run.checkpoint_file(epoch))
    run.model_file.unlink()


def test_stopped_and_resumed_it_is_the_same_and_converts(
    sources: Sources,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for module, name, count in (
        (finish, "CALIBRATION_SCENES", 30),
        (finish, "TEST_SCENES", 20),
        (room, "VALIDATION_BATCHES", 2),
    ):
        monkeypatch.setattr(module, name, count)
    whole, halves = DetectorRun(tmp_path / "whole"), DetectorRun(tmp_path / "halves")
    asked = []

    def noting(detector: Any, pictures: Any) -> float:
        asked.append((detector.searched_once, [one.name for one in pictures]))
        return choose_score_threshold(detector, pictures)

    monkeypatch.setattr(finish, "choose_score_threshold", noting)
    straight = fit_detector(TAUGHT, sources, whole, tmp_path)

    class Stop(EpochEnd):
        def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
            super().on_epoch_end(epoch, logs)
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(room, "EpochEnd", Stop)
        with pytest.raises(KeyboardInterrupt):
            fit_detector(TAUGHT, sources, halves, tmp_path)
    with pytest.raises(RunError, match="--resume"):
        fit_detector(TAUGHT, sources, halves, tmp_path)
    with pytest.raises(RunError, match="begun with other sources"):
        fit_detector(TAUGHT, Sources(sources.pictures_file), halves, tmp_path, resume=True)
    with monkeypatch.context() as patch:
        # What follows the training is the same as the first time.
        patch.setattr(room, "finish", lambda *_: None)
        resumed = fit_detector(TAUGHT, sources, halves, tmp_path, resume=True)
    for one, other in zip(straight.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert [row["epoch"] for row in read_json(halves.history_file)] == [1, 2]
    with monkeypatch.context() as patch:
        # What is finished stays as it is.
        patch.setattr(room, "gather", lambda *_: pytest.fail("the data were read again"))
        again = fit_detector(TAUGHT, sources, whole, tmp_path, resume=True)
    np.testing.assert_array_equal(again.get_weights()[0], straight.get_weights()[0])
    _begun_with_another_network(halves)
    with pytest.raises(RunError, match="was begun with an older network of the name face-det"):
        fit_detector(TAUGHT, sources, halves, tmp_path, resume=True)
    card = read_json(whole.card_file)
    split = split_pictures(read_pictures(sources.pictures_file, "train"))
    assert asked == [(card["searched_once"], [one.name for one in split.selection])]
    assert set(card["origin"]["sha256"]) == {"data", "teacher", "crops"}

    converting = ["convert", str(whole.folder), "--largest-loss"]
    monkeypatch.setattr("sys.argv", [*converting, "100", "--even-if-useless"])
    assert convert() == 2
    assert "--even-if-useless is for emotion models" in capsys.readouterr().err
    monkeypatch.setattr("sys.argv", [*converting, "100"])
    # After two short epochs it finds no face yet; with a bias of its scores it does.
    assert convert() == 1
    assert "the float network finds no face in" in capsys.readouterr().err
    network = keras.saving.load_model(whole.model_file)
    for layer in network.layers:
        if layer.name.endswith("_faces"):
            kernel, bias = layer.get_weights()
            bias[0] = 3
            layer.set_weights([kernel, bias])
    network.save(whole.model_file)
    monkeypatch.setattr("sys.argv", [*converting, "-1"])
    assert convert() == 1
    assert "faces, allowed are -1 %" in capsys.readouterr().err
    assert not (whole.folder / "face-detector.tflite").exists()
    monkeypatch.setattr("sys.argv", [*converting, "100"])
    assert convert() == 0, capsys.readouterr().err
    detector = FaceDetector(whole.folder / "face-detector.tflite")
    assert set(detector.card.accuracy) == {"float32", "int8"}
    assert {"keras", "converter_keras", "converter_tensorflow"} <= set(detector.card.versions)
    learned = split.training
    assert len(detector.find(learned[0].image, 0.5).scores)
    of_float, threshold = open_candidate_detector(str(whole.folder))
    assert threshold == detector.card.score_threshold
    assert getattr(of_float, "searched_once", None) == detector.card.searched_once
    assert len(of_float.find(learned[0].image, 0.5).scores)
