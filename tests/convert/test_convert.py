"""A finished run becomes an int8 model that the runtime reads, or is refused."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from convert.__main__ import main
from convert.compare import calibration_error
from convert.emotion import calibration_part
from fer_edge import EmotionClassifier, open_camera
from fer_edge.errors import ModelError
from fer_edge.handover import TEST_SPLITS, EmotionHandover, TestFaces
from fer_edge.interpreter import Interpreter
from fer_edge.models.card import InputSpec
from fer_edge.models.file import read_model
from fer_edge.recognizer import Recognizer
from tests.called import Called, called
from tests.conftest import ROOT
from train.data.sources import read_source, read_votes
from train.data.sources.votes import majority
from train.emotion.run import EmotionRun
from train.networks import build


def convert(*words: str | Path) -> Called:
    return called(main, *words)


@pytest.fixture(scope="module")
def run(tables: Path, tmp_path_factory: pytest.TempPathFactory) -> EmotionRun:
    """A run with the shipped card, and a network that is tested on faces that it has learned."""
    run = EmotionRun(tmp_path_factory.mktemp("runs") / "nano")
    run.folder.mkdir()
    card = EmotionClassifier("nano").card
    # As training begins it: priors and accuracy come later.
    fields = {key: one for key, one in card.to_json().items() if not key.startswith("priors")}
    run.card_file.write_text(json.dumps({**fields, "accuracy": {}}), "utf-8")
    faces = read_source(tables).only("Training")
    keras.utils.set_random_seed(1)
    network = build(card.name, len(card.labels), 0.0)
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.5  # so that a few steps are enough to know the faces' statistics
    network.compile(
        optimizer=keras.optimizers.Adam(0.002),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=False,
    )
    # Else the first step makes the optimizer's variables, and TensorFlow traces it twice.
    network.optimizer.build(network.trainable_variables)
    network.fit(faces.images.astype("float32"), faces.label, epochs=5, verbose=0)
    network.save(run.model_file)
    right = {
        "fer2013": faces.label,
        "ferplus": majority(read_votes(tables / "fer2013new.csv").of(faces)),
    }
    tests = {
        split: TestFaces(faces.images[part], {truth: one[part] for truth, one in right.items()})
        for split, part in (("PublicTest", slice(64)), ("PrivateTest", slice(64, 128)))
    }
    EmotionHandover(faces.images, tests).write(run.faces_file)
    return run


@pytest.fixture(scope="module")
def converted(run: EmotionRun) -> Path:
    """By a process of its own, in which TensorFlow is silent."""
    command = [sys.executable, "-m", "convert", str(run.folder), "--largest-loss", "20"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=600)
    assert (done.returncode, done.stderr) == (0, "")
    assert "PrivateTest" in done.stdout
    assert "faces change their answer" in done.stdout
    assert "ms a face" in done.stdout
    return run.folder / f"{run.read_card().name}.tflite"


def test_the_file_is_int8_and_carries_what_was_measured(converted: Path) -> None:
    assert converted.stat().st_size < 1_000_000
    card = read_model(converted).card
    assert set(card.accuracy) == {"float32", "int8"}
    assert set(card.accuracy["int8"]) == {"fer2013", "ferplus"}
    assert "converter_tensorflow" in card.versions


def test_the_calibration_error_is_that_of_the_file(converted: Path, run: EmotionRun) -> None:
    """And not the float network's, which does not ship."""
    classifier = EmotionClassifier(converted)
    tests = EmotionHandover.read(run.faces_file).tests["PrivateTest"]
    told = classifier.probabilities(tests.images).astype(float)
    for truth, right in tests.truths.items():
        expected = calibration_error(told[right >= 0], right[right >= 0])
        assert classifier.card.calibration_error[truth] == pytest.approx(expected, abs=1e-4)


def test_it_answers_as_the_float_network_does(converted: Path, run: EmotionRun) -> None:
    classifier = EmotionClassifier(converted)
    network = keras.saving.load_model(run.model_file, compile=False)
    with np.load(run.faces_file) as arrays:
        images = arrays["public_test_images"]
    logits = np.array(network.predict(images.astype("float32"), verbose=0))
    logits /= classifier.card.temperature
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    expected = powers / powers.sum(axis=1, keepdims=True)
    assert np.abs(classifier.probabilities(images) - expected).mean() < 0.03


def test_the_runtime_takes_it_by_its_path(converted: Path) -> None:
    with open_camera("sample") as camera:
        (face,) = Recognizer(converted)(next(iter(camera))).faces
    assert sum(face.emotion.probabilities.values()) == pytest.approx(1, abs=1e-4)


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


def test_an_empty_name_is_no_run() -> None:
    for words in (("",), ("run", "--out", "")):
        done = convert(*words)
        assert done.returncode == 2
        assert "expected a name, got an empty one" in done.stderr


def test_a_place_that_cannot_be_written_is_told_so(run: EmotionRun, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for out in (tmp_path / "file" / "model.tflite", tmp_path, Path("/dev/full")):
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


def test_fewer_faces_do_where_each_is_larger() -> None:
    faces = np.arange(1000, dtype=np.uint8).reshape(1000, 1, 1, 1)
    counts = {}
    for side in (48, 96, 128, 224, 1000):
        counts[side] = len(calibration_part(faces, InputSpec(side, side, "grey", 0.0)))
    assert counts == {48: 1000, 96: 250, 128: 143, 224: 100, 1000: 100}
    assert len(calibration_part(faces[:50], InputSpec(224, 224, "rgb", 0.0))) == 50


def test_a_foreign_model_of_floats_is_refused(tmp_path: Path) -> None:
    pixels = keras.Input((4, 4, 1))
    network = keras.Model(pixels, keras.layers.GlobalAveragePooling2D()(pixels))
    network.export(tmp_path / "floats.tflite", format="litert", verbose=False)
    content = (tmp_path / "floats.tflite").read_bytes()
    with pytest.raises(ModelError, match="int8 or uint8 in and out, got float32"):
        Interpreter(content)
