"""The last layer, fitted anew: right where the features allow it, and nothing else changes."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest

from train.data.prepared import Prepared
from train.data.sources import Votes
from train.emotion.average import average
from train.emotion.evaluate import evaluate
from train.emotion.fit import fit
from train.emotion.measuring.calibration import calibrate
from train.emotion.measuring.inference import outputs_of
from train.emotion.mix import mix
from train.emotion.refit import fitted, refit
from train.emotion.run import EmotionRun
from train.emotion.selection import selection
from train.emotion.settings import HEADS, Settings
from train.emotion.truths import truth_of
from train.errors import DatasetError, RunError
from train.run.files import read_json, write_json
from train.run.network_file import load_network

SIX = ("angry", "fear", "happy", "sad", "surprise", "neutral")


@pytest.mark.parametrize("classes", [2, 3])
def test_what_a_line_divides_is_told_apart(classes: int) -> None:
    random = np.random.default_rng(0)
    right = random.integers(0, classes, 900)
    centres = np.array([[0, 0, 5], [40, 0, 5], [0, 40, 5]], np.float32)
    features = (centres[right] + random.normal(0, 3, (900, 3))).astype(np.float32)
    kernel, biases = fitted(features, right)
    assert kernel.shape == (3, classes)
    assert ((features @ kernel + biases).argmax(axis=1) == right).mean() > 0.99


@pytest.fixture(scope="module")
def finished(data: Prepared, tmp_path_factory: pytest.TempPathFactory) -> EmotionRun:
    run = EmotionRun(tmp_path_factory.mktemp("runs") / "lenet")
    settings = Settings.of(
        "lenet", {"training.batch": 32, "training.epochs": 1, "data.classes": SIX}
    )
    fit(settings, data, None, run)
    return run


def test_only_the_last_layer_changes(finished: EmotionRun, data: Prepared, tmp_path: Path) -> None:
    run = EmotionRun(tmp_path / "again")
    shutil.copytree(finished.folder, run.folder)
    before = evaluate(run, data.faces, None)["Training"]["labels"]
    refit(run, data.faces, None, "labels")
    after = evaluate(run, data.faces, None)["Training"]["labels"]
    assert after["accuracy"] > before["accuracy"]
    pairs = zip(
        load_network(finished.model_file).layers, load_network(run.model_file).layers, strict=True
    )
    changed = [
        one.name
        for one, other in pairs
        for a, b in zip(one.get_weights(), other.get_weights(), strict=True)
        if not np.array_equal(a, b)
    ]
    assert changed == ["logits", "logits"]
    assert run.read_card().origin["last_layer"]["truth"] == "labels"


def test_what_most_people_say_needs_votes(finished: EmotionRun, data: Prepared) -> None:
    with pytest.raises(DatasetError, match="add --votes"):
        refit(finished, data.faces, None, "ferplus")


@pytest.mark.parametrize("change", ["refit", "calibrate"])
def test_faces_of_other_classes_are_told(change: str, finished: EmotionRun, data: Prepared) -> None:
    faces = data.faces.where(data.faces.label != 3, "all but happy ones")
    with pytest.raises(DatasetError, match="no face is happy"):
        {"refit": refit, "calibrate": calibrate}[change](finished, faces, None, "labels")
    whole = EmotionRun(finished.folder.parent / f"whole-{change}")
    shutil.copytree(finished.folder, whole.folder)
    facts = read_json(whole.run_file)
    facts["settings"]["data"]["classes"] = []
    write_json(whole.run_file, facts)
    before = whole.card_file.read_text()
    with pytest.raises(DatasetError, match=r"knows angry, fear, .* the faces are angry, fear, sad"):
        {"refit": refit, "calibrate": calibrate}[change](
            whole, faces.where(faces.label != 1, "those without disgust"), None, "labels"
        )
    assert whole.card_file.read_text() == before


def test_figures_of_an_earlier_calibration_leave_the_card(
    finished: EmotionRun, data: Prepared, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run = EmotionRun(tmp_path / "again")
    shutil.copytree(finished.folder, run.folder)
    card = run.read_card()
    write_json(run.card_file, dataclasses.replace(card, priors={}).to_json())
    calibrate(run, data.faces, None, "labels")
    run.int8_file.write_text("{}")
    assert "calibration" in run.read_card().origin
    refit(run, data.faces, None, "labels")
    assert "its calibration is undone; calibrate it again" in caplog.text
    after = run.read_card()
    assert "calibration" not in after.origin
    assert (after.temperature, after.priors_power) == (1.0, 0.0)
    assert after.priors == card.priors, "those of the truth that it is fitted to"
    assert not run.int8_file.exists(), "it is of the network before"


def test_a_damaged_run_of_two_heads_stays_as_it_is(
    data: Prepared, votes: Votes, tmp_path: Path
) -> None:
    run = EmotionRun(tmp_path / "lenet")
    choices = {
        "training.epochs": 1,
        "training.batch": 32,
        "network.two_heads": True,
        "data.classes": SIX,
    }
    fit(Settings.of("lenet", choices), data, votes, run)
    run.history_file.write_text("")

    def held() -> dict[str, bytes]:
        files = [path for path in run.folder.rglob("*") if path.is_file()]
        return {str(path.relative_to(run.folder)): path.read_bytes() for path in files}

    before = held()
    for change in (
        lambda: refit(run, data.faces, votes, None),
        lambda: mix(run, data.faces, votes),
        lambda: average([run, run], EmotionRun(tmp_path / "mean")),
    ):
        with pytest.raises(RunError, match=r"history\.json cannot be read"):
            change()
    assert held() == before
    assert not (tmp_path / "mean").exists()


def test_votes_of_test_faces_are_not_learned(data: Prepared, votes: Votes, tmp_path: Path) -> None:
    run = EmotionRun(tmp_path / "lenet")
    choices = {
        "training.epochs": 1,
        "training.batch": 32,
        "data.also_public": 0.5,
        "data.classes": SIX,
    }
    fit(Settings.of("lenet", choices), data, None, run)
    with pytest.raises(RunError, match="add --truth labels"):
        refit(run, data.faces, votes, None)
    refit(run, data.faces, votes, "labels")
    assert run.read_card().origin["settings"]["data"]["also_public"] == 0.5


def test_both_heads_are_fitted_each_to_its_own_truth(
    data: Prepared, votes: Votes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run = EmotionRun(tmp_path / "lenet")
    choices = {
        # Long enough to learn the few faces by heart, so that the features tell them apart.
        "training.epochs": 40,
        "augmentation.strength": 0.0,
        "training.batch": 32,
        "network.two_heads": True,
        "data.classes": SIX,
        "optimizer.ema": 0.5,
    }
    fit(Settings.of("lenet", choices), data, votes, run)
    with pytest.raises(RunError, match="leave --truth out"):
        refit(run, data.faces, votes, "labels")
    with pytest.raises(RunError, match="one of two heads: name"):
        refit(run.head("people"), data.faces, votes, None)
    part = mix(run, data.faces, votes)
    refit(run, data.faces, votes, None)
    assert f"{part.folder} still mixes the heads as they were" in caplog.text
    learned = selection(data.faces, run.read_settings()).only("Training")
    told = load_network(run.model_file)(learned.images.astype(np.float32), training=False)
    truths = [truth_of(learned, votes, truth) for truth in ("ferplus", "labels")]
    known = truths[0] >= 0
    for head, own, other in zip(told, truths, reversed(truths), strict=True):
        said = np.asarray(head).argmax(axis=1)[known]
        assert (said == own[known]).mean() > (said == other[known]).mean() + 0.05
    pixels = data.faces.images[:8].astype(np.float32)
    together = load_network(run.model_file)(pixels, training=False)
    for name, said in zip(HEADS, together, strict=True):
        alone = outputs_of(
            load_network(run.head(name).model_file), data.faces.images[:8, :, :, None]
        )
        np.testing.assert_allclose(alone, np.asarray(said), atol=1e-4)
