"""A teacher is told by what it knows, and refused where it cannot or must not teach."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.train.emotion.quick_settings import AS_SHOWN as QUICK
from train.data.inputs import inputs
from train.data.prepared import Prepared
from train.data.sources import Votes
from train.emotion.distillation.teacher import load_teacher
from train.emotion.distillation.teacher_accuracy import accuracies_of
from train.emotion.fit import fit
from train.emotion.measuring.inference import outputs_of, probabilities_of
from train.emotion.run import EmotionRun
from train.emotion.run_files import RunFiles
from train.emotion.selection import selection
from train.emotion.settings import Settings
from train.errors import RunError
from train.run.files import read_json, write_json
from train.run.network_file import load_network


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
                probabilities_of(
                    outputs_of(load_network(run.model_file), side), one.card.temperature
                )
                for side in (pixels, pixels[:, :, ::-1])
            ],
            axis=0,
        )
        for run, one in ((teacher, runs[teacher.folder]), (tied, runs[tied.folder]))
    ]
    expected = [(one.argmax(axis=1) == some.label).mean() for one in [*means, sum(means)]]
    assert list(table["the dataset's labels"]) == pytest.approx(expected)
    assert table["FER+'s majority"].isna().all(), "they have learned the labels alone"
    assert list(table.index) == [str(teacher.folder), str(tied.folder), "together"]
    twice = [*runs.items(), (tied.folder, runs[tied.folder])]
    again = accuracies_of(twice, faces, votes)
    assert list(again.index) == [str(teacher.folder), *[str(tied.folder)] * 2, "together"]
    expected = ((means[0] + 2 * means[1]).argmax(axis=1) == some.label).mean()
    assert again["the dataset's labels"].iloc[-1] == pytest.approx(expected), (
        "as a student is taught"
    )


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
