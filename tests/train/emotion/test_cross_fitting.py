"""Teachers that held a part out are asked of that part alone; faces without labels are learned."""

from __future__ import annotations

import dataclasses
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.train.emotion.quick_settings import CLASSES
from tests.train.emotion.quick_settings import ONE_EPOCH as QUICK
from tests.train.emotion.train_command import train
from train.data.held_out import part_of
from train.data.prepared import Prepared
from train.emotion.distillation.cross_fitting import who_may_answer
from train.emotion.fit import fit
from train.emotion.run import EmotionRun
from train.emotion.run_files import RunFiles
from train.emotion.selection import selection
from train.emotion.settings import Settings
from train.emotion.training_faces import training_set
from train.errors import RunError
from train.run.files import read_json, write_json
from train.run.network_file import load_network

LENET = ("fit", "lenet", "--batch", "32")
ONLY = ("--set", f"data.classes={','.join(CLASSES)}")
Words = tuple[str | Path, ...]


@pytest.fixture(scope="module")
def teachers(data: Prepared, tables: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two, each without one of two parts."""
    folder = tmp_path_factory.mktemp("runs")
    runs = [folder / "one", folder / "two"]
    for number, run in enumerate(runs, start=1):
        words: Words = ("--data", tables / "fer2013.csv", "--cache", folder / "cache")
        part = ("--hold-out", f"{number}/2", "--epochs", "1")
        done = train(*LENET, *words, *part, "--run", run, *ONLY)
        assert done.returncode == 0, done.stderr
        assert read_json(run / "run.json")["settings"]["data"]["hold_out"] == number
    return runs


def test_each_face_is_told_of_by_whom_it_was_held_out_from(
    teachers: list[Path], data: Prepared, tmp_path: Path
) -> None:
    runs = [EmotionRun(path) for path in teachers]
    learning = selection(data.faces, Settings.of("lenet", QUICK)).only("Training")
    may = who_may_answer(runs, data, learning.row, len(learning) + 5)
    parts = part_of(data.faces, 2)[np.searchsorted(data.faces.row, learning.row)]
    assert (may[0, :-5] == (parts == 1)).all()
    assert (may[1, :-5] == (parts == 2)).all()
    assert may[:, -5:].all(), "faces without labels are learned by none"
    choices = {
        **QUICK,
        "augmentation.strength": 0.0,
        "distillation.teachers": ("a", "b"),
        "distillation.weight": 1.0,
        "distillation.views": 1,
    }
    settings = Settings.of("lenet", choices)
    student = EmotionRun(tmp_path / "student")
    fit(settings, data, None, student, RunFiles(teacher_folders=tuple(teachers)))
    said = np.load(student.soft_targets_folder / "view-000.npy")[0].astype(float)
    shown = training_set(learning, settings, None)
    order = shown.order(settings.training.seed, 0, 32)
    networks = [load_network(run.model_file) for run in runs]
    for place, number in list(enumerate(order))[:40]:
        network = networks[parts[number] - 1]
        face = learning.images[number][None].astype(np.float32)
        sides = [np.array(network(side, training=False)) for side in (face, face[:, :, ::-1])]
        powers = [np.exp(one - one.max()) for one in sides]
        wanted = np.mean([one / one.sum() for one in powers], axis=0)[0]
        assert said[place] == pytest.approx(wanted, abs=2e-3)


def test_a_face_that_all_have_learned_from_is_told(
    teachers: list[Path], data: Prepared, tmp_path: Path
) -> None:
    runs = [EmotionRun(path) for path in teachers]
    row = data.faces.only("Training").row
    with pytest.raises(RunError, match=r"all teachers have learned from \d+ of the 384 faces"):
        who_may_answer(runs[:1], data, row, len(row))
    whole = EmotionRun(tmp_path / "whole")
    fit(Settings.of("lenet", QUICK), data, None, whole)
    may = who_may_answer([runs[0], whole], data, row, len(row))
    assert may[1].all(), "one that held nothing out is asked of all"
    other = dataclasses.replace(data, sha256="another")
    with pytest.raises(RunError, match="held out a part of other data than"):
        who_may_answer(runs, other, row, len(row))


@pytest.fixture
def pictures(data: Prepared, tmp_path: Path) -> Path:
    """A zip of twenty marked faces, none of FER2013's own: two faces' mean each."""
    learned = data.faces.only("Training").images
    path, marks, images = tmp_path / "faces.zip", [], []
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(40):
            mean = learned[number] // 2 + learned[number + 40] // 2
            face = cv2.resize(mean[:, :, 0], (96, 96))
            archive.writestr(f"{number}.png", cv2.imencode(".png", face)[1].tobytes())
            images.append(f'{{"id": {number}, "file_name": "{number}.png"}}')
            marks.append(f'{{"image_id": {number}, "bbox": [0, 0, 96, 96]}}')
        table = f'{{"images": [{",".join(images)}], "annotations": [{",".join(marks)}]}}'
        archive.writestr("annotations/train.json", table)
    return path


def test_faces_without_labels_are_in_the_epoch(
    teachers: list[Path], pictures: Path, tables: Path, data: Prepared, tmp_path: Path
) -> None:
    run = tmp_path / "student"
    words: Words = ("--data", tables / "fer2013.csv", "--cache", tmp_path / "cache", "--run", run)
    given: Words = ("--teachers", *teachers, "--unlabelled", pictures, "--epochs", "2")
    done = train(*LENET, *words, *given, *ONLY, "distillation.views=2")
    assert done.returncode == 0, done.stderr
    assert "40 faces without labels from" in done.stderr
    said = np.load(run / "teaching" / "view-000.npy")
    count = np.isin(data.faces.only("Training").label, [0, 2, 3, 4, 5, 6]).sum()
    assert said.shape[1] == (count + 40) // 32 * 32
    assert np.isfinite(said).all()
    history = read_json(run / "history.json")
    assert all(np.isfinite(row["loss"]) for row in history)
    facts = read_json(run / "run.json")
    assert len(facts["unlabelled"]) == 64
    assert read_json(run / "card.json")["origin"]["unlabelled"]["file"] == "faces.zip"
    weights = load_network(run / "model.keras").get_weights()
    # It goes on from its folder alone, to the same weights; but not with other pictures.
    (run / "model.keras").unlink()
    (run / "checkpoint-0002.keras").unlink()
    resumed = train("fit", "--resume", run)
    assert resumed.returncode == 0, resumed.stderr
    for one, other in zip(weights, load_network(run / "model.keras").get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    write_json(run / "run.json", {**facts, "unlabelled": "0" * 64})
    changed = train("fit", "--resume", run)
    assert "was begun with other unlabelled" in changed.stderr
    files = {**facts["files"], "teachers": facts["files"]["teachers"][:1]}
    write_json(run / "run.json", {**facts, "files": files})
    moved = train("fit", "--resume", run)
    assert "was begun with 2 teachers, and its run.json names 1 folders" in moved.stderr


def test_mixed_faces_are_told_of_by_no_teacher_that_knows_half_of_them(
    teachers: list[Path], data: Prepared, tmp_path: Path
) -> None:
    choices = {
        **QUICK,
        "augmentation.mixup": 0.4,
        "distillation.teachers": ("a", "b"),
        "distillation.views": 1,
    }
    student = EmotionRun(tmp_path / "student")
    settings = Settings.of("lenet", choices)
    with pytest.raises(RunError, match=r"choose augmentation\.mixup or teachers that held out"):
        fit(settings, data, None, student, RunFiles(teacher_folders=tuple(teachers)))
    assert not student.folder.exists()


def test_a_head_that_nobody_teaches_is_told(
    pictures: Path, teachers: list[Path], tables: Path, tmp_path: Path
) -> None:
    words: Words = ("--data", tables / "fer2013.csv", "--votes", tables / "fer2013new.csv")
    more: Words = ("--cache", tmp_path / "cache", "--run", tmp_path / "run")
    alone = train(*LENET, *words, *more, "--unlabelled", pictures, *ONLY)
    assert "add --teachers" in alone.stderr
    given: Words = ("--unlabelled", pictures, "--teachers", *teachers)
    two = ("network.two_heads=true", "distillation.views=1")
    done = train(*LENET, *words, *more, *given, *ONLY, *two)
    assert done.returncode == 1
    assert "no teacher has the head for people" in done.stderr
