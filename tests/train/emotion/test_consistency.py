"""Consistency: each face is shown in two ways, and the loss grows with how the answers differ."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import keras
import numpy as np
import pytest

from fer_edge.models.card import InputSpec
from train.data.prepared import Prepared
from train.emotion.dataset import TrainingSet, batches
from train.emotion.distillation.soft_targets import with_soft_targets
from train.emotion.fit import fit
from train.emotion.run import EmotionRun
from train.emotion.run_files import RunFiles
from train.emotion.selection import selection
from train.emotion.settings import Settings
from train.emotion.targets import targets
from train.errors import RunError
from train.layers.agreement import Agreement
from train.layers.augmentation import RandomGamma, augmentation
from train.layers.jittered_pairs import JitteredPairs
from train.run.files import read_json
from train.run.network_file import load_network

QUICK = {
    "training.batch": 32,
    "training.epochs": 2,
    "data.classes": ("angry", "fear", "happy", "sad", "surprise", "neutral"),
    "optimizer.ema": 0.0,
    "targets.label_smoothing": 0.0,
    "network.dropout": 0.0,
}


def test_the_loss_is_half_of_jeffreys_divergence() -> None:
    layer = Agreement(weight=2.0)
    logits = np.array([[0, 1, 2], [1, 1, 1], [2, 1, 0], [1, 1, 1]], np.float32)
    assert (np.array(layer(logits, training=True)) == logits).all()
    p = np.exp([0.0, 1, 2]) / np.exp([0.0, 1, 2]).sum()
    both_ways = (p * np.log(p / p[::-1])).sum() + (p[::-1] * np.log(p[::-1] / p)).sum()
    (loss,) = layer.losses
    assert float(loss) == pytest.approx(2.0 * (both_ways / 2 + 0) / 2, rel=1e-5)
    copy = Agreement.from_config(layer.get_config())
    copy(logits, training=False)
    assert not copy.losses, "only in training are faces shown twice"


def test_each_face_is_shown_twice_in_one_of_two_epochs() -> None:
    # An odd number, one less than another batch would take.
    images = np.arange(49, dtype=np.uint8).reshape(49, 1, 1, 1)
    wanted = np.eye(49, dtype=np.float32)
    spec = InputSpec(1, 1, "grey", 0.0)
    training_set = TrainingSet(images, (wanted,), None, spec, in_pairs=True)
    shown = batches(training_set, 10, seed=3, first_epoch=0)
    epochs = [[next(shown) for _ in range(4)] for _ in range(2)]
    for pictures, wanted_of_them in (batch for epoch in epochs for batch in epoch):
        assert (pictures[:5] == pictures[5:]).all()
        assert (wanted_of_them.argmax(axis=1) == pictures.ravel()).all()
    seen = [{int(number) for batch, _ in epoch for number in batch.ravel()} for epoch in epochs]
    assert [len(one) for one in seen] == [20, 20]
    assert not seen[0] & seen[1]
    again = batches(training_set, 10, seed=3, first_epoch=1)
    assert (next(again)[0] == epochs[1][0][0]).all()


def _differing(network: keras.Model, images: np.ndarray) -> float:
    """How far answers to a face as it is and moved by two pixels lie apart, in the mean."""
    moved = np.pad(images, ((0, 0), (0, 0), (2, 0), (0, 0)), mode="edge")[:, :, :-2]
    said = [
        np.array(keras.ops.softmax(network(some.astype(np.float32), training=False)))
        for some in (images, moved)
    ]
    return float(np.abs(said[0] - said[1]).sum(axis=1).mean())


def test_it_makes_answers_steadier_and_resumes(data: Prepared, tmp_path: Path) -> None:
    choices = {
        **QUICK,
        "training.epochs": 12,
        "optimizer.name": "adam",
        "optimizer.learning_rate": 2e-3,
    }
    moves = {}
    public = data.faces.only("PublicTest").images
    for weight in (0.0, 5.0):
        run = EmotionRun(tmp_path / f"weight-{weight:g}")
        settings = Settings.of("lenet", {**choices, "augmentation.consistency": weight})
        network = fit(settings, data, None, run)
        moves[weight] = _differing(network, public)
    assert moves[5.0] < 0.7 * moves[0.0]
    # The run with pairs, once more from its last but one checkpoint.
    before = network.get_weights()
    run.model_file.unlink()
    run.checkpoints()[12].unlink()
    fit(settings, data, None, run, resume=True)
    for one, other in zip(load_network(run.model_file).get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_second_half_is_the_first_with_jitter() -> None:
    random = np.random.default_rng(4)
    coarse = random.uniform(60, 200, (6, 6, 6, 1)).astype(np.float32)
    faces = np.asarray(keras.ops.image.resize(coarse, (48, 48)))
    layer = JitteredPairs.from_config(JitteredPairs(seed=3).get_config())
    shown = np.array(layer(faces, training=True))
    assert (shown[:3] == faces[:3]).all()
    for first, second in zip(shown[:3], shown[3:], strict=True):
        pairs = [np.corrcoef(one.ravel(), second.ravel())[0, 1] for one in (first, first[:, ::-1])]
        assert 0.8 < max(pairs) < 0.9999, "alike, or like the mirror image, and not the same"
    assert (np.array(layer(faces, training=False)) == faces).all()


def test_teachers_answer_for_each_face_and_not_for_its_jitter(
    data: Prepared, tmp_path: Path
) -> None:
    teacher = EmotionRun(tmp_path / "teacher")
    fit(Settings.of("lenet", QUICK), data, None, teacher)
    choices = {
        **QUICK,
        "augmentation.consistency": 1.0,
        "distillation.teachers": ("its hash",),
        "distillation.weight": 0.9,
        "distillation.views": 2,
        "distillation.views_mean": 1.0,
    }
    settings = Settings.of("lenet", choices)
    learned = selection(data.faces, settings).only("Training")
    wanted = (targets(learned, None, 0.0),)
    spec = teacher.read_card().input
    training_set = TrainingSet(learned.images, wanted, None, spec, in_pairs=True)
    taught = with_soft_targets(
        [teacher], learned.labels, training_set, settings, tmp_path / "teaching"
    )
    assert taught.face_targets is not None
    pictures, wanted_of_them = next(batches(taught, 32, seed=1, first_epoch=0))
    assert (pictures[:16] == pictures[16:]).all()
    assert (wanted_of_them[:16] == wanted_of_them[16:]).all()
    alone = dataclasses.replace(training_set, in_pairs=False)
    said = [np.load(tmp_path / "teaching" / f"view-{view:03d}.npy")[0] for view in range(2)]
    for face in range(len(learned)):
        shown = [
            answers[place]
            for view, answers in enumerate(said)
            for place in np.flatnonzero(alone.order(settings.training.seed, view, 32) == face)
        ]
        if shown:
            assert taught.face_targets[0, face] == pytest.approx(np.mean(shown, axis=0), abs=2e-3)
    run = EmotionRun(tmp_path / "student")
    fit(settings, data, None, run, RunFiles(teacher_folders=(teacher.folder,)))
    assert read_json(run.history_file)[-1]["loss"] > 0


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"augmentation.mixup": 0.2}, "no two pictures of one face"),
        ({"training.batch": 33}, "an even training.batch"),
        (
            {"distillation.teachers": ("x",), "distillation.views": 2},
            "tion.views_mean=1",
        ),
    ],
)
def test_what_excludes_it_is_told(choice: dict[str, object], message: str) -> None:
    with pytest.raises(RunError, match=message):
        Settings.of("lenet", {"augmentation.consistency": 1.0, **choice})


def test_gamma_keeps_black_and_white() -> None:
    layer = RandomGamma(limit=2.5, seed=1)
    ramp = np.linspace(0, 255, 256, dtype=np.float32).reshape(1, 16, 16, 1).repeat(500, axis=0)
    changed = np.array(layer(ramp, training=True))
    assert changed.min() == 0
    assert changed.max() == pytest.approx(255, abs=1e-3)
    exponents = np.log(changed[:, 8, 0, 0] / 255) / np.log(ramp[:, 8, 0, 0] / 255)
    assert 1 / 2.5 - 1e-3 <= exponents.min() < 0.45
    assert 2.2 < exponents.max() <= 2.5 + 1e-3
    assert np.median(exponents) == pytest.approx(1, abs=0.15)
    assert (np.array(layer(ramp, training=False)) == ramp).all()


def test_gamma_is_between_what_teachers_see_and_what_they_do_not() -> None:
    names = [type(layer).__name__ for layer in augmentation(seed=1, degradation=0.2, gamma=2)]
    assert names[-2:] == ["RandomGamma", "RandomDegradation"]
    assert [type(layer).__name__ for layer in augmentation(seed=1)] == names[:-2]
