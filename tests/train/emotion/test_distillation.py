"""A network learns from others: what they say is said to the very pictures that it sees."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import keras
import numpy as np
import pytest

from train.data.inputs import inputs
from train.data.prepared import Prepared
from train.data.sources import Votes
from train.emotion.dataset import TrainingSet, batches
from train.emotion.distillation.soft_targets import with_soft_targets
from train.emotion.distillation.teacher import load_teacher
from train.emotion.distillation.teacher_accuracy import accuracies_of
from train.emotion.evaluate import evaluate
from train.emotion.fit import fit
from train.emotion.measuring.inference import answers, probabilities_of
from train.emotion.run import EmotionRun
from train.emotion.run_files import RunFiles
from train.emotion.selection import selection
from train.emotion.settings import Settings
from train.emotion.targets import targets
from train.errors import RunError
from train.run.files import read_json, write_json
from train.run.network_file import load_network

QUICK = {
    "training.batch": 32,
    "data.classes": ("angry", "fear", "happy", "sad", "surprise", "neutral"),
    "network.dropout": 0.0,
    "targets.label_smoothing": 0.0,
    "optimizer.ema": 0.0,
}


@pytest.fixture(scope="module")
def teacher(data: Prepared, tmp_path_factory: pytest.TempPathFactory) -> EmotionRun:
    run = EmotionRun(tmp_path_factory.mktemp("runs") / "teacher")
    choices = {
        **QUICK,
        "training.epochs": 20,
        "optimizer.name": "adam",
        "optimizer.learning_rate": 2e-3,
    }
    fit(Settings.of("lenet", choices), data, None, run)
    evaluate(run, data.faces, None)
    return run


@pytest.fixture
def tied(teacher: EmotionRun, tmp_path: Path) -> EmotionRun:
    """The teacher, made to say the same of a picture and of its mirror image."""
    copy = EmotionRun(tmp_path / "tied")
    shutil.copytree(teacher.folder, copy.folder)
    network = load_network(copy.model_file)
    for layer in network.layers:
        if isinstance(layer, keras.layers.Conv2D):
            kernel, bias = layer.get_weights()
            layer.set_weights([(kernel + kernel[:, ::-1]) / 2, bias])
    first = network.get_layer("dense120")
    kernel, bias = first.get_weights()
    places = kernel.reshape(*network.get_layer("flatten").input.shape[1:], -1)
    first.set_weights([((places + places[:, ::-1]) / 2).reshape(kernel.shape), bias])
    network.save(copy.model_file)
    return copy


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
        probabilities_of(answers(network, side), card.temperature)
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


def test_a_teacher_of_other_classes_is_refused(
    teacher: EmotionRun, data: Prepared, tmp_path: Path
) -> None:
    choices = {
        **QUICK,
        "data.classes": ("happy", "sad"),
        "distillation.teachers": ("x",),
        "distillation.views": 1,
    }
    with pytest.raises(RunError, match="cannot teach: its labels are angry, fear"):
        fit(
            Settings.of("edge", choices),
            data,
            None,
            EmotionRun(tmp_path / "s"),
            RunFiles(teacher_folders=(teacher.folder,)),
        )
    with pytest.raises(RunError, match="expected one view or more"):
        Settings.of("edge", {"distillation.teachers": ("x",)})


@pytest.mark.parametrize(
    "choice",
    [
        {"distillation.weight": 0.9},
        {"distillation.views": 6},
        {"distillation.views_mean": 0.5},
        {"distillation.temperature": 0.5},
    ],
)
def test_choices_about_teachers_need_some(choice: dict[str, float]) -> None:
    with pytest.raises(RunError, match="no teachers: add --teachers"):
        Settings.of("edge", choice)


def test_what_teachers_know_is_told_of_each_and_of_their_mean(
    teacher: EmotionRun, tied: EmotionRun, data: Prepared, votes: Votes
) -> None:
    faces = selection(data.faces, teacher.read_settings())
    spec = teacher.read_card().input
    runs = {
        run.folder: load_teacher(run, faces.labels, spec, 2, "float32", 0)
        for run in (teacher, tied)
    }
    table = accuracies_of(list(runs.items()), faces, votes)
    some = faces.only("PublicTest")
    pixels = inputs(some.images, spec)
    means = [
        np.mean(
            [
                probabilities_of(answers(load_network(run.model_file), side), one.card.temperature)
                for side in (pixels, pixels[:, :, ::-1])
            ],
            axis=0,
        )
        for run, one in ((teacher, runs[teacher.folder]), (tied, runs[tied.folder]))
    ]
    expected = [(one.argmax(axis=1) == some.label).mean() for one in [*means, sum(means)]]
    assert list(table["FER2013's labels"]) == pytest.approx(expected)
    assert table["FER+'s majority"].isna().all(), "they have learned the labels alone"
    assert list(table.index) == [str(teacher.folder), str(tied.folder), "together"]
    twice = [*runs.items(), (tied.folder, runs[tied.folder])]
    again = accuracies_of(twice, faces, votes)
    assert list(again.index) == [str(teacher.folder), *[str(tied.folder)] * 2, "together"]
    expected = ((means[0] + 2 * means[1]).argmax(axis=1) == some.label).mean()
    assert again["FER2013's labels"].iloc[-1] == pytest.approx(expected), "as a student is taught"


def test_a_teacher_of_what_a_student_does_not_learn_is_told_by_name(
    teacher: EmotionRun, tmp_path: Path
) -> None:
    card, facts = teacher.read_card(), read_json(teacher.run_file)
    for group, values, heads, message in (
        ("targets", {"votes_weight": 0.5}, 2, "it has learned a mix of votes and labels"),
        ("network", {"two_heads": True, "head": "mixed"}, 2, "it has learned a mix of votes and"),
        ("network", {"two_heads": True}, 1, "has two heads; name one of"),
    ):
        run = EmotionRun(tmp_path / f"{group}{heads}")
        shutil.copytree(teacher.folder, run.folder)
        settings = {**facts["settings"], group: {**facts["settings"][group], **values}}
        write_json(run.run_file, {**facts, "settings": settings})
        with pytest.raises(RunError, match=message):
            load_teacher(run, card.labels, card.input, heads, "float32", 0)


def test_teachers_of_other_classes_or_pictures_are_not_compared(
    teacher: EmotionRun, data: Prepared
) -> None:
    card = teacher.read_card()
    with pytest.raises(RunError, match="its labels are angry, fear"):
        load_teacher(teacher, data.faces.labels, card.input, 2, "float32", 0)
    larger = dataclasses.replace(card.input, height=96)
    with pytest.raises(RunError, match=r"those of the student .* of 48x96 with"):
        load_teacher(teacher, card.labels, larger, 2, "float32", 0)


def test_a_teacher_that_knows_the_faces_to_be_measured_by_is_refused(
    teacher: EmotionRun, tmp_path: Path
) -> None:
    run = EmotionRun(tmp_path / "insider")
    shutil.copytree(teacher.folder, run.folder)
    facts = read_json(run.run_file)
    facts["settings"]["data"]["also_public"] = 0.5
    write_json(run.run_file, facts)
    card = run.read_card()
    with pytest.raises(RunError, match=r"has learned from 0\.5 of PublicTest"):
        load_teacher(run, card.labels, card.input, 2, "float32", 0)
    load_teacher(run, card.labels, card.input, 2, "float32", 0.5)
