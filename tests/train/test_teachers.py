"""A network learns from others: what they say is said to the very pictures that it sees."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from train.data.prepared import Prepared
from train.errors import RunError
from train.evaluate import evaluate
from train.learning.fit import fit
from train.run_folder import RunFolder, read_json
from train.settings import Settings

QUICK = {
    "batch": 32,
    "classes": ("angry", "fear", "happy", "sad", "surprise", "neutral"),
    "dropout": 0.0,
    "label_smoothing": 0.0,
    "average": 0.0,
}


@pytest.fixture(scope="module")
def teacher(data: Prepared, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    run = RunFolder(tmp_path_factory.mktemp("runs") / "teacher")
    choices = {**QUICK, "epochs": 20, "optimizer": "adam", "learning_rate": 2e-3}
    fit(Settings.of("lenet", choices), data, None, run)
    evaluate(run, data.faces, None)
    return run


def test_the_answers_are_to_the_pictures_that_are_shown(
    teacher: RunFolder, data: Prepared, tmp_path: Path
) -> None:
    """A copy of the teacher that stands still has the teacher's own entropy as its loss, to within
    the half precision that answers are kept in; to other pictures it would be larger.
    """
    choices = {
        **QUICK,
        "epochs": 3,
        "augmentation": 1.0,
        "learning_rate": 0.0,
        "teachers": ("its hash",),
        "teachers_weight": 1.0,
        "views": 2,
    }
    run = RunFolder(tmp_path / "copy")
    settings = Settings.of("lenet", choices)
    fit(settings, data, None, run, weights_file=teacher.model, teachers=[teacher])
    losses = [row["loss"] for row in read_json(run.history)]
    said = [np.load(path).astype(float) for path in sorted(run.teaching.glob("view-*.npy"))]
    entropies = [-(one * np.log(one)).sum(axis=-1).mean() for one in said]
    assert losses == pytest.approx([entropies[0], entropies[1], entropies[0]], abs=2e-4)
    assert abs(entropies[0] - entropies[1]) > 1e-3, "two views are two sets of pictures"


def test_what_was_said_is_kept_for_a_resumed_run(
    teacher: RunFolder, data: Prepared, tmp_path: Path
) -> None:
    choices = {**QUICK, "epochs": 1, "teachers": ("x",), "teachers_weight": 0.5, "views": 1}
    run = RunFolder(tmp_path / "student")
    fit(Settings.of("edge", choices), data, None, run, teachers=[teacher, teacher])
    (view,) = run.teaching.glob("view-*.npy")
    written = view.stat().st_mtime_ns
    run.model.unlink()
    fit(Settings.of("edge", choices), data, None, run, teachers=[teacher], resume=True)
    assert view.stat().st_mtime_ns == written


def test_a_teacher_of_other_classes_is_refused(
    teacher: RunFolder, data: Prepared, tmp_path: Path
) -> None:
    choices = {**QUICK, "classes": ("happy", "sad"), "teachers": ("x",), "views": 1}
    with pytest.raises(RunError, match="cannot teach: it knows angry, fear"):
        fit(Settings.of("edge", choices), data, None, RunFolder(tmp_path / "s"), teachers=[teacher])
    with pytest.raises(RunError, match="expected one view or more"):
        Settings.of("edge", {"teachers": ("x",)})
