"""`detector refit`: what it does to a run."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from fer_edge.errors import FerEdgeError
from tests.called import called
from tests.train.detector.test_refit_detector import finding
from train.__main__ import main
from train.detector import finish
from train.detector import fit as room
from train.detector.data.pictures import read_pictures, split_pictures
from train.detector.data.training_set import Sources
from train.detector.fit import fit_detector
from train.detector.landmarks import refit
from train.detector.landmarks.plain_outputs import output_layer, with_plain_outputs
from train.detector.landmarks.refit import refit_landmarks
from train.detector.landmarks.samples import LANDMARK_NUMBERS
from train.detector.network import face_network
from train.detector.run import DetectorRun
from train.detector.settings import FAST_NETWORK, PYRAMID_NETWORK, DetectorSettings
from train.detector.training_model import begun_from
from train.errors import RunError
from train.run.network_file import load_network, save_network


@pytest.fixture(scope="module")
def run(few: Path, tmp_path_factory: pytest.TempPathFactory) -> DetectorRun:
    """A short training whose network then finds faces of 96 pixels everywhere."""
    folder = tmp_path_factory.mktemp("runs")
    made = DetectorRun(folder / "one")
    settings = DetectorSettings.of(
        {
            "training.epochs": 1,
            "training.batch": 8,
            "training.side": 64,
            "network.name": FAST_NETWORK,
        }
    )
    with pytest.MonkeyPatch.context() as patch:
        shorten(patch)
        patch.setattr(room, "VALIDATION_BATCHES", 2)
        fit_detector(settings, Sources(few), made, folder)
    save_network(finding(FAST_NETWORK, face_strides=3), made.model_file)
    return made


def shorten(patch: pytest.MonkeyPatch) -> None:
    for name in ("CALIBRATION_SCENES", "TEST_SCENES"):
        patch.setattr(finish, name, 2)
    patch.setattr(finish, "choose_score_threshold", lambda *_: 0.5)


def test_the_command_fits_a_run_and_says_what_it_gave(
    run: DetectorRun, few: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shorten(monkeypatch)
    run.int8_file.write_bytes(b"made before")
    before = load_network(run.model_file)
    done = called(main, "detector", "refit", run.folder, "--data", few)
    assert (done.returncode, "landmarks are off by" in done.stdout) == (0, True), done.stderr
    after = load_network(run.model_file)
    kernels = [output_layer(one, 32).get_weights()[0] for one in (before, after)]
    changed = (kernels[0] != kernels[1]).any(axis=(0, 1, 2))
    assert changed[LANDMARK_NUMBERS].all()
    assert not np.delete(changed, LANDMARK_NUMBERS).any()
    told = run.read_card().origin["landmarks_refitted"]
    learned = split_pictures(read_pictures(few, "train")).training
    assert told["pictures"] == sum(one.by_people.any() for one in learned)
    assert told["command"].startswith("python -m train detector refit ")
    assert not run.int8_file.exists()
    assert run.is_finished
    kept = load_network(run.before_refit_file)
    for one, other in zip(kept.get_weights(), before.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_fit_that_was_stopped_is_repeated_from_the_same_weights(
    run: DetectorRun, few: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shorten(monkeypatch)
    copy = DetectorRun(tmp_path / "copy")
    shutil.copytree(run.folder, copy.folder)
    refit_landmarks(copy, Sources(few))
    once = load_network(copy.model_file).get_weights()
    with monkeypatch.context() as patch:
        patch.setattr(refit, "finish", stopping)
        with pytest.raises(KeyboardInterrupt):
            refit_landmarks(copy, Sources(few))
    assert not copy.is_finished
    refit_landmarks(copy, Sources(few))
    assert copy.is_finished
    for one, other in zip(once, load_network(copy.model_file).get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def stopping(*_: object) -> None:
    raise KeyboardInterrupt


def test_only_what_a_finished_run_learned_from_is_taken(
    run: DetectorRun, few: Path, teacher: Path, tmp_path: Path
) -> None:
    model = run.model_file.read_bytes()
    other = tmp_path / "other.zip"
    other.write_bytes(b"other pictures")
    for sources, told in (
        (Sources(other), r"other\.zip is not what .* learned from"),
        (Sources(few, teacher), r"yunet.*is not what .* learned from"),
    ):
        with pytest.raises(RunError, match=told):
            refit_landmarks(run, sources)
    assert run.model_file.read_bytes() == model
    with pytest.raises(FerEdgeError, match="is not finished"):
        refit_landmarks(DetectorRun(tmp_path), Sources(few))
    gone = called(main, "detector", "refit", run.folder, "--data", tmp_path / "gone.zip")
    assert (gone.returncode, "gone.zip does not exist" in gone.stderr) == (1, True)


def test_a_training_that_begins_with_a_fitted_network_is_told_of_the_other(
    tmp_path: Path,
) -> None:
    run = DetectorRun(tmp_path)
    network = face_network(PYRAMID_NETWORK)
    save_network(network, run.before_refit_file)
    save_network(with_plain_outputs(network), run.model_file)
    with pytest.raises(RunError, match=r"does not fit.*before-refit\.keras is the network before"):
        begun_from(PYRAMID_NETWORK, run.model_file, None)
    begun = begun_from(PYRAMID_NETWORK, run.before_refit_file, None)
    for one, other in zip(begun.get_weights(), network.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
