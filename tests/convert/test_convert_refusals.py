"""A run that is useless, damaged or unfinished is not converted, and nothing else is replaced."""

from __future__ import annotations

import errno
import json
import os
import shutil
from pathlib import Path

import keras
import numpy as np
import pytest

from convert.__main__ import main
from fer_edge.handover import TEST_SPLITS, EmotionHandover
from tests.called import Called, called
from train.emotion.run import EmotionRun


def convert(*words: str | Path) -> Called:
    return called(main, *words)


def test_a_model_that_loses_too_much_is_not_written(run: EmotionRun, tmp_path: Path) -> None:
    done = convert(run.folder, "--out", tmp_path / "bad.tflite", "--largest-loss", "-101")
    assert done.returncode == 1
    assert "allowed are -101" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_ruined_network_is_refused_at_the_usual_bound(run: EmotionRun, tmp_path: Path) -> None:
    """One channel far larger than the rest leaves int8 no steps for the others.

    The float network's own answers stand in for the truth, so that each answer that int8 changes
    is one that it loses.
    """
    ruined = EmotionRun(tmp_path / "ruined")
    shutil.copytree(run.folder, ruined.folder)
    network = keras.saving.load_model(run.model_file, compile=False)
    gamma, beta, mean, variance = network.get_layer("stage3_block0_b_norm").get_weights()
    beta[0] += 1e6
    network.get_layer("stage3_block0_b_norm").set_weights([gamma, beta, mean, variance])
    kernel, bias = network.get_layer("logits").get_weights()
    kernel[0] = 0
    network.get_layer("logits").set_weights([kernel, bias])
    network.save(ruined.model_file)
    with np.load(ruined.faces_file) as file:
        arrays = dict(file)
    for split in ("PublicTest", "PrivateTest"):
        images = arrays[f"{TEST_SPLITS[split]}_images"].astype("float32")
        arrays[f"{TEST_SPLITS[split]}_fer2013"] = network.predict(images, verbose=0).argmax(axis=1)
    assert len(set(arrays["public_test_fer2013"].tolist())) > 1
    np.savez(ruined.faces_file, **arrays)
    done = convert(ruined.folder, "--out", tmp_path / "bad.tflite")
    assert done.returncode == 1
    assert "points of accuracy, allowed are 1" in done.stderr
    assert not (tmp_path / "bad.tflite").exists()


def test_a_network_that_has_learned_nothing_is_refused(run: EmotionRun, tmp_path: Path) -> None:
    """It says the same of each face: the commonest emotion."""
    useless = EmotionRun(tmp_path / "useless")
    shutil.copytree(run.folder, useless.folder)
    right = EmotionHandover.read(run.faces_file).tests["PrivateTest"].truths["fer2013"]
    network = keras.saving.load_model(run.model_file, compile=False)
    kernel, bias = network.get_layer("logits").get_weights()
    bias[np.bincount(right).argmax()] = 50
    network.get_layer("logits").set_weights([0 * kernel, bias])
    network.save(useless.model_file)
    out = tmp_path / "useless.tflite"
    done = convert(useless.folder, "--out", out)
    assert done.returncode == 1
    assert "no better than always saying the commonest emotion" in done.stderr
    assert not out.exists()
    assert convert(useless.folder, "--out", out, "--even-if-useless").returncode == 0
    assert out.exists()


@pytest.mark.parametrize("loss", ["nan", "inf", "much", ""])
def test_a_bound_that_bounds_nothing_is_refused(loss: str, run: EmotionRun, tmp_path: Path) -> None:
    done = convert(run.folder, "--out", tmp_path / "x.tflite", "--largest-loss", loss)
    assert done.returncode == 2
    assert "expected a number of points" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_split_without_any_truth_is_refused(run: EmotionRun, tmp_path: Path) -> None:
    shutil.copytree(run.folder, tmp_path / "run")
    with np.load(run.faces_file) as file:
        arrays = {
            name: -np.ones_like(one) if "_test_f" in name else one for name, one in file.items()
        }
    np.savez(tmp_path / "run" / "faces.npz", **arrays)
    done = convert(tmp_path / "run")
    assert done.returncode == 1
    assert "no face of PublicTest has an answer to compare with" in done.stderr


@pytest.mark.parametrize("name", ["model.keras", "card.json", "faces.npz", "notes.txt"])
def test_only_a_model_is_replaced(name: str, run: EmotionRun, tmp_path: Path) -> None:
    """The run's own files least of all."""
    copy = tmp_path / "run"
    shutil.copytree(run.folder, copy)
    (copy / "notes.txt").write_text("a page of notes")
    before = (copy / name).read_bytes()
    done = convert(copy, "--out", copy / name, "--largest-loss", "100", "--even-if-useless")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.endswith(f"{name} is no TFLite model, and is not replaced: name another file")
    assert (copy / name).read_bytes() == before


def test_a_head_that_cannot_be_converted_costs_only_itself(run: EmotionRun, tmp_path: Path) -> None:
    whole = tmp_path / "run"
    for head in ("labels", "people"):
        shutil.copytree(run.folder, whole / head)
        (whole / head / "run.json").unlink(missing_ok=True)
    (whole / "run.json").write_text("{}")
    (whole / "labels" / "model.keras").unlink()
    done = convert(whole, "--largest-loss", "100")
    assert done.returncode == 1
    assert f"convert: {whole / 'labels' / 'model.keras'} is missing" in done.stderr
    assert len(list(whole.glob("people/*.tflite"))) == 1
    assert not list(whole.glob("labels/*.tflite"))


@pytest.mark.parametrize(("split", "code"), [("PublicTest", 1), ("PrivateTest", 0)])
def test_public_test_decides(split: str, code: int, run: EmotionRun, tmp_path: Path) -> None:
    """Where all faces of a split are of one class, no model is better than that class alone."""
    copy = EmotionRun(tmp_path / "run")
    shutil.copytree(run.folder, copy.folder)
    with np.load(run.faces_file) as file:
        arrays = dict(file)
    for truth in ("fer2013", "ferplus"):
        name = f"{TEST_SPLITS[split]}_{truth}"
        arrays[name] = np.zeros_like(arrays[name])
    np.savez(copy.faces_file, **arrays)
    done = convert(copy.folder, "--out", tmp_path / "made.tflite", "--largest-loss", "100")
    assert done.returncode == code, done.stderr
    assert (tmp_path / "made.tflite").exists() == (code == 0)


def test_a_full_disk_is_told_with_the_files_own_name(
    run: EmotionRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("fer_edge.models.file.write_whole", full)
    done = convert(run.folder, "--out", tmp_path / "made.tflite")
    assert done.returncode == 1
    told = f"convert: {tmp_path / 'made.tflite'} cannot be written: No space left on device"
    assert told in done.stderr.splitlines()


def test_an_empty_name_is_no_run() -> None:
    for words in (("",), ("run", "--out", "")):
        done = convert(*words)
        assert done.returncode == 2
        assert "expected a name, got an empty one" in done.stderr


def test_a_place_that_cannot_be_written_is_told_so(run: EmotionRun, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for out in (
        tmp_path / "file" / "x.tflite",
        tmp_path,
        Path("/dev/full"),
        tmp_path / ("x" * 300),
    ):
        done = convert(run.folder, "--out", out)
        assert done.returncode == 1
        (line,) = done.stderr.splitlines()
        assert line.startswith(f"convert: {out}")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": ["happy", "sad"]}, "2 labels"),
        ({"name": "../outside"}, "name"),
    ],
)
def test_a_card_of_another_network_is_refused(
    change: dict[str, object], message: str, run: EmotionRun, tmp_path: Path
) -> None:
    other = EmotionRun(tmp_path / "other")
    shutil.copytree(run.folder, other.folder)
    card = {**json.loads(run.card_file.read_text("utf-8")), **change}
    other.card_file.write_text(json.dumps(card), "utf-8")
    done = convert(other.folder)
    assert done.returncode == 1
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("missing", ["model.keras", "card.json", "faces.npz"])
def test_an_unfinished_run_is_told_so(missing: str, run: EmotionRun, tmp_path: Path) -> None:
    shutil.copytree(run.folder, tmp_path / "run")
    (tmp_path / "run" / missing).unlink()
    done = convert(tmp_path / "run")
    assert done.returncode == 1
    assert f"{missing} is missing" in done.stderr
    if missing == "faces.npz":
        assert "python -m train evaluate" in done.stderr, "a mean of runs has none before"
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("damaged", "why"),
    [
        ("model.keras", "no ZIP archive"),
        ("card.json", "Expecting property name"),
        ("faces.npz", "no ZIP archive"),
    ],
)
def test_a_damaged_run_is_told_so(damaged: str, why: str, run: EmotionRun, tmp_path: Path) -> None:
    shutil.copytree(run.folder, tmp_path / "run")
    (tmp_path / "run" / damaged).write_bytes(b"{")
    done = convert(tmp_path / "run")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("convert: ")
    assert f"{tmp_path / 'run' / damaged}" in line
    assert why in line
