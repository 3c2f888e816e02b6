"""The mean of the weights of face detectors."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.called import called
from train.__main__ import main
from train.data.hashes import hash_of
from train.detector import average, finish
from train.detector import fit as room
from train.detector.average import average_detectors
from train.detector.data.training_set import Sources
from train.detector.fit import fit_detector
from train.detector.run import DetectorRun
from train.detector.settings import FAST_NETWORK, DetectorSettings
from train.errors import DatasetError, RunError
from train.run.files import read_json, write_json
from train.run.network_file import load_network, save_network

QUICK = DetectorSettings.of(
    {
        "training.epochs": 1,
        "training.batch": 8,
        "training.side": 64,
        "network.name": FAST_NETWORK,
    }
)


@pytest.fixture(scope="module")
def pair(few: Path, tmp_path_factory: pytest.TempPathFactory) -> list[DetectorRun]:
    """A short training, and the same with weights three times as large."""
    folder = tmp_path_factory.mktemp("runs")
    runs = [DetectorRun(folder / name) for name in ("one", "other")]
    with pytest.MonkeyPatch.context() as patch:
        _shorten(patch)
        fit_detector(QUICK, Sources(few), runs[0], folder)
    shutil.copytree(runs[0].folder, runs[1].folder)
    network = load_network(runs[0].model_file)
    network.set_weights([3 * part for part in network.get_weights()])
    save_network(network, runs[1].model_file)
    return runs


def _shorten(patch: pytest.MonkeyPatch) -> None:
    for module, name in (
        (finish, "CALIBRATION_SCENES"),
        (finish, "TEST_SCENES"),
        (room, "VALIDATION_BATCHES"),
    ):
        patch.setattr(module, name, 2)


def test_it_is_the_mean_and_has_a_card_of_its_own(
    pair: list[DetectorRun], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _shorten(monkeypatch)
    asked = []

    def noting(detector: object, pictures: object) -> float:
        asked.append(detector)
        return 0.42

    monkeypatch.setattr(finish, "choose_score_threshold", noting)
    out = DetectorRun(tmp_path / "mean")
    average_detectors([pair[0], pair[0], pair[1]], out)
    before, after = (load_network(run.model_file).get_weights() for run in (pair[0], out))
    for one, other in zip(before, after, strict=True):
        np.testing.assert_allclose(5 / 3 * one, other, rtol=1e-5)
    assert out.is_finished
    card = out.read_card()
    assert (card.score_threshold, len(asked)) == (0.42, 1)
    told = card.origin["averaged"]
    assert [one["run"] for one in told] == ["one", "one", "other"]
    assert told[2]["sha256"] == hash_of(pair[1].model_file)
    with pytest.raises(RunError, match="cannot be resumed"):
        out.read_files()
    with pytest.raises(RunError, match=r"an earlier mean.*--replace"):
        average_detectors(pair, out)
    average_detectors(pair, out, replace=True)
    average_detectors([out, pair[0]], DetectorRun(tmp_path / "mean-of-a-mean"))
    with pytest.raises(RunError, match=r"are means.*name one run that was trained"):
        average_detectors([out, out], DetectorRun(tmp_path / "mean-of-means"))
    again = load_network(out.model_file).get_weights()
    np.testing.assert_allclose(2 * before[0], again[0], rtol=1e-5)


def test_an_earlier_mean_stays_if_the_files_are_not_the_same(
    pair: list[DetectorRun], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _shorten(monkeypatch)
    monkeypatch.setattr(finish, "choose_score_threshold", lambda *_: 0.42)
    out = DetectorRun(tmp_path / "mean")
    average_detectors(pair, out)
    moved = [DetectorRun(tmp_path / name) for name in ("one", "other")]
    (tmp_path / "other.zip").write_bytes(b"other pictures")
    for before, after in zip(pair, moved, strict=True):
        shutil.copytree(before.folder, after.folder)
        facts = read_json(after.run_file)
        facts["files"]["data"] = str(tmp_path / "other.zip")
        write_json(after.run_file, facts)
    with pytest.raises(RunError, match=r"other\.zip is not what .* learned from"):
        average_detectors(moved, out, replace=True)
    monkeypatch.setattr(average, "gather", _unreadable)
    with pytest.raises(DatasetError, match="cannot be read"):
        average_detectors(pair, out, replace=True)
    assert out.is_finished


def _unreadable(*_: object) -> None:
    raise DatasetError("cannot be read")


def test_only_what_is_alike_and_finished_is_averaged(
    pair: list[DetectorRun], tmp_path: Path
) -> None:
    with pytest.raises(RunError, match="two runs or more"):
        average_detectors(pair[:1], DetectorRun(tmp_path / "mean"))
    with pytest.raises(RunError, match="holds a run that is averaged"):
        average_detectors(pair, pair[0])
    for name, change, message in (
        ("side", ("settings", "training", "side", 96), "scenes of another side"),
        ("name", ("settings", "network", "name", "face-detector"), "another network"),
        ("data", ("sources", "data", "0" * 64), "other files"),
    ):
        other = DetectorRun(tmp_path / name)
        shutil.copytree(pair[1].folder, other.folder)
        facts = read_json(other.run_file)
        *path, key, value = change
        table = facts
        for part in path:
            table = table[part]
        table[key] = value
        write_json(other.run_file, facts)
        with pytest.raises(RunError, match=message):
            average_detectors([pair[0], other], DetectorRun(tmp_path / "mean"))
    other.scenes_file.unlink()
    with pytest.raises(RunError, match="is not finished"):
        average_detectors([pair[0], other], DetectorRun(tmp_path / "mean"))
    assert not (tmp_path / "mean").exists()


def test_the_command_tells_of_errors_in_one_line(tmp_path: Path) -> None:
    done = called(main, "detector", "average", tmp_path / "out", tmp_path / "a", tmp_path / "b")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "run.json is missing; expected a folder made by python -m train detector fit" in line
