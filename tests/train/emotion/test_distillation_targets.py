"""A network learns what others say of the very pictures that it sees."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.train.emotion.quick_settings import AS_SHOWN as QUICK
from train.data.prepared import Prepared
from train.emotion.dataset import TrainingSet, batches
from train.emotion.distillation.soft_targets import with_soft_targets
from train.emotion.fit import fit
from train.emotion.measuring.inference import outputs_of, probabilities_of
from train.emotion.run import EmotionRun
from train.emotion.run_files import RunFiles
from train.emotion.selection import selection
from train.emotion.settings import Settings
from train.emotion.targets import targets
from train.errors import RunError
from train.run.files import read_json
from train.run.network_file import load_network


def test_the_answers_are_to_the_pictures_that_are_shown(
    tied: EmotionRun, data: Prepared, tmp_path: Path
) -> None:
    """A copy of the teacher that stands still has the teacher's own entropy as its loss, to half
    precision, in which answers are kept. With answers to other pictures it would be larger.
    """
    choices = {
        **QUICK,
        "training.epochs": 3,
        "augmentation.strength": 1.0,
        "optimizer.learning_rate": 0.0,
        "distillation.teachers": ("its hash",),
        "distillation.weight": 1.0,
        "distillation.views": 2,
    }
    run = EmotionRun(tmp_path / "copy")
    settings = Settings.of("lenet", choices)
    fit(
        settings,
        data,
        None,
        run,
        RunFiles(weights_file=tied.model_file, teacher_folders=(tied.folder,)),
    )
    losses = [row["loss"] for row in read_json(run.history_file)]
    said = [
        np.load(path).astype(float) for path in sorted(run.soft_targets_folder.glob("view-*.npy"))
    ]
    entropies = [-(one * np.log(one)).sum(axis=-1).mean() for one in said]
    assert losses == pytest.approx([entropies[0], entropies[1], entropies[0]], abs=2e-4)
    assert abs(entropies[0] - entropies[1]) > 1e-3, "two views are two sets of pictures"


def test_a_teacher_is_asked_of_the_mirror_image_too(
    teacher: EmotionRun, data: Prepared, tmp_path: Path
) -> None:
    choices = {
        **QUICK,
        "training.epochs": 1,
        "augmentation.strength": 0.0,
        "distillation.teachers": ("its hash",),
        "distillation.views": 1,
    }
    run = EmotionRun(tmp_path / "student")
    fit(Settings.of("lenet", choices), data, None, run, RunFiles(teacher_folders=(teacher.folder,)))
    said = np.load(run.soft_targets_folder / "view-000.npy")[0]
    learned = selection(data.faces, Settings.of("lenet", choices)).only("Training")
    card = teacher.read_card()
    wanted = targets(learned, None, 0.0)
    training_set = TrainingSet(learned.images, (wanted,), None, card.input)
    pictures, *_ = next(batches(training_set, 32, seed=1, first_epoch=0))
    network = load_network(teacher.model_file)
    sides = [
        probabilities_of(outputs_of(network, side), card.temperature)
        for side in (pictures, pictures[:, :, ::-1])
    ]
    assert said[:32] == pytest.approx(np.mean(sides, axis=0), abs=1e-3)
    assert said[:32] != pytest.approx(sides[0], abs=1e-2)


def test_means_are_of_what_is_said_to_one_face(
    teacher: EmotionRun, data: Prepared, tmp_path: Path
) -> None:
    choices = {**QUICK, "distillation.teachers": ("its hash",), "distillation.views": 3}
    settings = Settings.of("lenet", choices)
    learned = selection(data.faces, settings).only("Training")
    training_set = TrainingSet(
        learned.images, (targets(learned, None, 0.0),), None, teacher.read_card().input
    )
    each, means, sure = (
        with_soft_targets(
            [teacher], learned.labels, training_set, settings.changed(distillation=chosen), tmp_path
        ).soft_targets
        for chosen in ({}, {"views_mean": 0.5}, {"temperature": 0.5})
    )
    assert each is not None
    assert means is not None
    assert sure is not None
    each, means, sure = each[:, 0], means[:, 0], sure[:, 0]
    assert sure == pytest.approx(each**2 / (each**2).sum(axis=-1, keepdims=True), abs=1e-5)
    whole = with_soft_targets(
        [teacher],
        learned.labels,
        training_set,
        settings.changed(distillation={"views_mean": 1.0}),
        tmp_path,
    )
    assert whole.views == 0, "each epoch shows new views"
    assert whole.face_targets is not None
    places = each.shape[1]
    assert places < len(learned), "a batch is not filled: some faces are not in all views"
    for number in range(len(learned)):
        shown = [
            (
                view,
                *np.flatnonzero(training_set.order(settings.training.seed, view, 32) == number),
            )
            for view in range(3)
        ]
        shown = [pair for pair in shown if len(pair) == 2]
        if not shown:
            assert np.isnan(whole.face_targets[0, number]).all()
            continue
        mean = np.mean([each[pair] for pair in shown], axis=0)
        assert whole.face_targets[0, number] == pytest.approx(mean, abs=1e-5)
        for pair in shown:
            assert means[pair] == pytest.approx((each[pair] + mean) / 2, abs=1e-5)


def test_a_face_without_a_label_must_be_in_a_view(
    teacher: EmotionRun, data: Prepared, tmp_path: Path
) -> None:
    choices = {
        **QUICK,
        "distillation.teachers": ("its hash",),
        "distillation.views": 1,
        "distillation.views_mean": 1.0,
    }
    settings = Settings.of("lenet", choices)
    learned = selection(data.faces, settings).only("Training")
    nothing = np.full((len(learned), len(learned.labels)), np.nan, np.float32)
    training_set = TrainingSet(learned.images, (nothing,), None, teacher.read_card().input)
    rest = len(learned) % 32
    assert rest
    with pytest.raises(RunError, match=f"^{rest} faces have no label, and are in none of 1 views"):
        with_soft_targets([teacher], learned.labels, training_set, settings, tmp_path)


def test_what_was_said_is_kept_for_a_resumed_run(
    teacher: EmotionRun, data: Prepared, tmp_path: Path
) -> None:
    choices = {
        **QUICK,
        "training.epochs": 1,
        "distillation.teachers": ("x",),
        "distillation.weight": 0.5,
        "distillation.views": 1,
    }
    run = EmotionRun(tmp_path / "student")
    fit(
        Settings.of("lenet", choices),
        data,
        None,
        run,
        RunFiles(
            teacher_folders=(
                teacher.folder,
                teacher.folder,
            )
        ),
    )
    (view,) = run.soft_targets_folder.glob("view-*.npy")
    written = view.stat().st_mtime_ns
    run.model_file.unlink()
    fit(
        Settings.of("lenet", choices),
        data,
        None,
        run,
        RunFiles(teacher_folders=(teacher.folder,)),
        resume=True,
    )
    assert view.stat().st_mtime_ns == written
