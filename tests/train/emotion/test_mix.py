"""Two heads folded into one answer: exactly their mean, and the best by what is measured."""

from __future__ import annotations

import dataclasses
import logging
import shutil
from pathlib import Path

import keras
import numpy as np
import pytest
from scipy.special import log_softmax, softmax

from train.data.prepared import Prepared
from train.data.sources import Votes
from train.emotion.fit import fit
from train.emotion.measuring.calibration import Fitted, learned_terms
from train.emotion.measuring.inference import outputs_of
from train.emotion.measuring.matrix_scaling import scaled
from train.emotion.measuring.priors import LARGEST_ACCURACY_LOSS, PowerFigures, figures_of
from train.emotion.mix import fold, mix
from train.emotion.mix_choice import (
    LARGEST_CALIBRATION_ERROR,
    SHARES,
    Mix,
    best_mix,
    mean_matrix,
    mean_shares,
    mixes,
    with_matrix,
)
from train.emotion.run import EmotionRun
from train.emotion.settings import MIXED, Settings
from train.emotion.truths import truths_asked
from train.errors import DatasetError, RunError
from train.networks.convolution import logits
from train.run.files import write_json
from train.run.network_file import load_network


def two_headed() -> keras.Model:
    pixels = keras.Input((4, 4, 1))
    features = keras.layers.Dense(9, activation="relu")(keras.layers.Flatten()(pixels))
    heads = [logits(features, 3), logits(features, 3, name="logits_labels")]
    network = keras.Model(pixels, heads, name="small")
    random = np.random.default_rng(3)
    network.set_weights([random.normal(0, 1, one.shape) for one in network.get_weights()])
    return network


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_one_layer_tells_the_mean_of_both_heads(share: float) -> None:
    network, temperatures = two_headed(), [0.8, 1.7]
    folded = fold(network, mean_matrix(share, 3), temperatures)
    pixels = np.random.default_rng(4).integers(0, 9, (20, 4, 4, 1)).astype(np.uint8)
    heads = [outputs_of(keras.Model(network.input, one), pixels) for one in network.outputs]
    logits = [log_softmax(one / t, axis=1) for one, t in zip(heads, temperatures, strict=True)]
    wanted = softmax((1 - share) * logits[0] + share * logits[1], axis=1)
    assert np.allclose(softmax(outputs_of(folded, pixels), axis=1), wanted, atol=1e-5)
    assert folded.count_params() < network.count_params()


def test_shares_go_with_the_mean_of_log_probabilities() -> None:
    learned = [{"a": 0.9, "b": 0.1}, {"a": 0.5, "b": 0.5}]
    half = mean_shares(learned, 0.5)
    assert half["a"] / half["b"] == pytest.approx(3, rel=1e-3)
    assert mean_shares(learned, 0.0) == learned[0]
    assert mean_shares([learned[0], {}], 0.5) == {}


def test_the_best_costs_no_more_than_it_may() -> None:
    def one(share: float, accuracy: float, recall: float, error: float = 0.0) -> Mix:
        return Mix(share, Fitted(1.0, PowerFigures(0.0, accuracy, recall, error)))

    every = [one(0.0, 0.9, 0.5), one(0.1, 0.896, 0.6), one(0.2, 0.894, 0.9)]
    assert best_mix(every).share == 0.1
    assert best_mix([one(0.0, 0.9, 0.5), one(0.1, 0.91, 0.6), one(0.2, 0.904, 0.7)]).share == 0.1
    assert best_mix(every, "accuracy").share == 0.0
    # Accuracy is not given up for calibration, beyond the same half a point.
    unsure = one(0.0, 0.9, 0.5, 0.2)
    assert best_mix([one(0.5, 0.7, 0.9), unsure], "accuracy") == unsure
    # One that is badly calibrated is taken only where nothing else is good enough.
    wild = [one(0.0, 0.9, recall, recall / 10) for recall in (0.2, 0.7)]
    assert best_mix(wild).fitted.measured.macro_recall == 0.2
    assert best_mix(wild[1:]).fitted.measured.macro_recall == 0.7


def test_a_head_that_knows_more_is_mixed_in() -> None:
    random = np.random.default_rng(5)
    right = random.integers(0, 3, 4000)
    weak, strong = (
        random.normal(0, 1, (4000, 3)) + strength * np.eye(3)[right] for strength in (0.3, 2.0)
    )
    even = {"a": 1 / 3, "b": 1 / 3, "c": 1 / 3}
    people, labels = SHARES["ferplus"], SHARES["labels"]
    assert (people[0], labels[0], max(people), min(labels)) == (0, 1, 0.5, 0.5)
    assert best_mix(mixes([weak, strong], right, [even, even], people)).share == 0.5
    assert best_mix(mixes([strong, weak], right, [even, even], people)).share < 0.5
    assert best_mix(mixes([weak, strong], right, [even, even], labels)).share > 0.5
    assert best_mix(mixes([strong, weak], right, [even, even], labels)).share == 0.5


@pytest.fixture(scope="module")
def finished(data: Prepared, votes: Votes, tmp_path_factory: pytest.TempPathFactory) -> EmotionRun:
    run = EmotionRun(tmp_path_factory.mktemp("runs") / "lenet")
    choices = {"training.batch": 32, "training.epochs": 1, "network.two_heads": True}
    fit(Settings.of("lenet", choices), data, votes, run)
    return run


@pytest.mark.parametrize("truth", ["ferplus", "labels"])
def test_a_run_of_its_own_is_left(
    finished: EmotionRun, data: Prepared, votes: Votes, tmp_path: Path, truth: str
) -> None:
    run = EmotionRun(tmp_path / "again")
    shutil.copytree(finished.folder, run.folder)
    part = mix(run, data.faces, votes, truth)
    name = MIXED[("ferplus", "labels").index(truth)]
    assert part.folder == run.folder / name
    assert part.read_settings().network.head == name
    assert truths_asked(part.read_settings(), votes, None) == (truth,)
    assert len(load_network(part.model_file).outputs) == 1
    card = part.read_card()
    assert card.origin["mix"]["share_of_labels"] in SHARES[truth]
    assert sum(card.priors.values()) == pytest.approx(1, abs=1e-4)


def test_what_cannot_be_mixed_is_refused(
    finished: EmotionRun, data: Prepared, votes: Votes
) -> None:
    with pytest.raises(RunError, match="has not two heads"):
        mix(finished.head("people"), data.faces, votes)
    with pytest.raises(DatasetError, match="add --votes"):
        mix(finished, data.faces, None)
    nobody = np.where((votes.split == 1)[:, np.newaxis], 0, votes.counts)
    with pytest.raises(DatasetError, match=r"FER\+'s majority is .* for none of PublicTest's"):
        mix(finished, data.faces, dataclasses.replace(votes, counts=nobody))


def test_a_damaged_history_is_named_before_anything_is_written(
    finished: EmotionRun, data: Prepared, votes: Votes, tmp_path: Path
) -> None:
    run = EmotionRun(tmp_path / "damaged")
    shutil.copytree(finished.folder, run.folder)
    write_json(run.history_file, [{"epoch": 1}])
    with pytest.raises(RunError, match=r"history\.json has no row for each epoch"):
        mix(run, data.faces, votes)
    assert not run.head(MIXED[0]).folder.exists()


def muddled(count: int) -> tuple[list[np.ndarray], np.ndarray]:
    """Heads that are too sure where they say the first class, and say the second for the third."""
    random = np.random.default_rng(7)
    right = random.integers(0, 3, count)
    logits = random.normal(0, 1, (2, count, 3)) + 1.5 * np.eye(3)[right]
    logits[..., 0] *= 4
    logits[..., 1] += 0.8 * logits[..., 2]
    return list(logits), right


def test_a_matrix_calibrates_what_no_temperature_can() -> None:
    logits, right = muddled(4000)
    chosen = best_mix(mixes(logits, right, [{}, {}], SHARES["labels"]), "accuracy")
    before = chosen.fitted.measured
    assert before.calibration_error > LARGEST_CALIBRATION_ERROR
    better = with_matrix(chosen, logits, right, [{}, {}], "accuracy")
    assert better.matrix is not None
    assert better.matrix.shape == (6, 3)
    assert better.fitted.measured.calibration_error < before.calibration_error / 2
    assert better.fitted.measured.accuracy > before.accuracy - 0.005
    # Cross-validated: on new faces it holds what it promises.
    others, wanted = muddled(8000)
    said = softmax(np.concatenate(others, axis=1)[4000:] @ better.matrix, axis=1)
    error = figures_of(0.0, said, wanted[4000:]).calibration_error
    assert error == pytest.approx(better.fitted.measured.calibration_error, abs=0.01)


def test_what_is_calibrated_keeps_its_mean() -> None:
    random = np.random.default_rng(8)
    right = random.integers(0, 3, 4000)
    logits = list(random.normal(0, 1, (2, 4000, 3)) + np.eye(3)[right])
    chosen = best_mix(mixes(logits, right, [{}, {}], SHARES["labels"]))
    assert with_matrix(chosen, logits, right, [{}, {}]) == chosen


@pytest.mark.parametrize(
    ("count", "shares", "rule", "lost"),
    [
        (12, [0.5, 0.5], "accuracy", "calibration_error"),
        (60, [0.5, 0.5], "accuracy", "accuracy"),
        (200, [0.4, 0.3, 0.2, 0.05, 0.03, 0.01, 0.01], "recall", "macro_recall"),
    ],
)
def test_a_matrix_that_costs_what_the_mean_was_chosen_for_is_not_taken(
    count: int, shares: list[float], rule: str, lost: str
) -> None:
    random, classes = np.random.default_rng(count), len(shares)
    right = random.choice(classes, count, p=shares)
    said = random.normal(0, 1, (2, count, classes)) + 1.5 * np.eye(classes)[right]
    said += 0.8 * np.log(shares)
    said[..., 0] *= 3
    said -= said.mean(axis=2, keepdims=True)
    logits, learned = list(said), [{str(one): share for one, share in enumerate(shares)}] * 2
    chosen = best_mix(mixes(logits, right, learned, SHARES["ferplus"]), rule)
    # By itself, without a limit of what it may lose, the matrix is chosen by its log loss.
    power, temperature = chosen.fitted.measured.power, chosen.fitted.temperature
    start, terms = (
        mean_matrix(chosen.share, classes) / temperature,
        learned_terms(learned[0], power),
    )
    scaling = scaled(np.concatenate(logits, axis=1), right, start, terms)
    assert scaling is not None
    worse = getattr(figures_of(power, scaling.probabilities, right), lost) - getattr(
        chosen.fitted.measured, lost
    )
    assert worse > 0 if lost == "calibration_error" else worse < -LARGEST_ACCURACY_LOSS
    assert with_matrix(chosen, logits, right, learned, rule) == chosen


def test_too_few_faces_give_no_matrix() -> None:
    logits, right = muddled(4)
    features = np.concatenate(logits, axis=1)
    assert scaled(features, right, mean_matrix(1.0, 3), np.zeros(3)) is None
    logits, right = muddled(4000)
    features = np.concatenate(logits, axis=1)
    assert scaled(features, right, mean_matrix(1.0, 3), np.zeros(3)) is not None


def test_a_mix_that_is_replaced_is_told(
    finished: EmotionRun,
    data: Prepared,
    votes: Votes,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    run = EmotionRun(tmp_path / "again")
    shutil.copytree(finished.folder, run.folder)
    with caplog.at_level(logging.INFO):
        part = mix(run, data.faces, votes)
        assert "replaced" not in caplog.text
        part.int8_file.write_text("{}")
        mix(run, data.faces, votes, rule="accuracy")
    assert f"{part.folder}: the mix that was there is replaced" in caplog.text
    assert not part.int8_file.exists(), "it is of the mix before"
    shutil.rmtree(part.folder)
    part.folder.touch()
    with pytest.raises(RunError, match="cannot be made: File exists"):
        mix(run, data.faces, votes)
