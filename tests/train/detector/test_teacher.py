"""A detector that another one teaches: its features and its answers."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from fer_edge.detectors.grid import CHANNELS
from train.__main__ import main
from train.detector.data.training_set import Sources
from train.detector.distillation import AnswerDistance
from train.detector.network import face_network
from train.detector.scenes.placed import Scene
from train.detector.settings import FAST_NETWORK, PYRAMID_NETWORK, DetectorSettings
from train.detector.targets import STRIDES, TARGET_COLUMNS, cell_targets
from train.detector.teacher import ALIKE, largest_lean_of_teacher, teacher_of
from train.detector.training_model import begun_from, training_model
from train.errors import RunError

NO_SOURCES = Sources(Path("nothing.zip"))


def settings(student: str, **weights: float) -> DetectorSettings:
    chosen = {f"distillation.{name}": value for name, value in weights.items()}
    return DetectorSettings.of(
        {"network.name": student, "distillation.network": "a hash", "optimizer.ema": 0.0, **chosen}
    )


@pytest.fixture(scope="module")
def teacher_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network whose features are large enough to be learned: fresh ones fade from layer to
    layer."""
    keras.utils.set_random_seed(1)
    path = tmp_path_factory.mktemp("teacher") / "model.keras"
    network = face_network(PYRAMID_NETWORK)
    for layer in network.layers:
        if layer.name.endswith("_depth"):
            kernel, biases = layer.get_weights()
            layer.set_weights([5 * kernel, biases])
    network.save(path)
    return path


def answers(scores: tuple[float, float]) -> np.ndarray[Any, Any]:
    """Of two cells, with faces of two strides."""
    numbers = np.random.default_rng(1).normal(0, 0.3, (1, 2, CHANNELS)).astype(np.float32)
    numbers[0, :, 0] = np.log(scores) - np.log1p(-np.asarray(scores))
    numbers[0, :, 3:5] = math.log(2)
    return numbers


def test_the_same_answer_is_at_no_distance() -> None:
    theirs = answers((0.9, 0.01))
    column = np.asarray(AnswerDistance(3.0)(theirs, theirs))[..., CHANNELS]
    np.testing.assert_allclose(column, 0, atol=1e-5)


def test_a_box_counts_where_the_teacher_sees_a_face() -> None:
    theirs = answers((0.9, 0.01))
    mine = theirs.copy()
    mine[..., 1] += 0.5
    mine[..., 5:] += 0.2
    sure, unsure = np.asarray(AnswerDistance(1.0)(mine, theirs))[0, :, CHANNELS]
    assert sure > 1
    assert unsure == pytest.approx(sure * (0.01 / 0.9) ** 2, rel=0.5)
    twice = np.asarray(AnswerDistance(2.0)(mine, theirs))[0, 0, CHANNELS]
    assert twice == pytest.approx(2 * sure, rel=1e-5)


def test_a_score_counts_everywhere() -> None:
    theirs = answers((0.9, 0.01))
    mine = theirs.copy()
    mine[..., 0] = -mine[..., 0]
    column = np.asarray(AnswerDistance(1.0)(mine, theirs))[0, :, CHANNELS]
    assert (column > 1).all()


@pytest.mark.parametrize("student", [FAST_NETWORK, PYRAMID_NETWORK])
def test_a_student_comes_nearer_to_its_teacher(student: str, teacher_file: Path) -> None:
    asked = settings(student, features=1.0, outputs=1.0)
    teacher = teacher_of(asked, NO_SOURCES, teacher_file)
    assert teacher
    before = [weight.copy() for weight in teacher.network.get_weights()]
    keras.utils.set_random_seed(2)
    begun = begun_from(student, None, teacher)
    model = training_model(asked, begun, teacher, steps=1)
    random = np.random.default_rng(3)
    pixels = random.uniform(0, 255, (2, 64, 64, 1)).astype(np.float32)
    features = teacher.network(pixels)[len(STRIDES) :]
    assert min(float(np.var(one)) for one in features) > 1e-3
    # Nothing else is learned: no cell counts, but for the teacher.
    targets = np.zeros((2, 84, TARGET_COLUMNS), np.float32)
    targets[..., 18] = 1
    losses = [float(model.train_on_batch(pixels, targets)) for _ in range(12)]
    assert losses[-1] < 0.95 * losses[0]
    for one, other in zip(before, teacher.network.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    # What only compares the two is no part of the student.
    learned = {layer.name for layer in model.get_layer(begun.name).layers}
    assert learned >= set(ALIKE[student])
    assert not [name for name in learned if name.endswith("_seen_as")]
    adapters = [layer.name for layer in model.layers if layer.name.endswith("_seen_as")]
    assert len(adapters) == (3 if student == FAST_NETWORK else 0)


@pytest.mark.parametrize(("lean", "yunets", "networks"), [(15, 1, 1), (25, 0, 1), (60, 0, 0)])
def test_a_network_knows_heads_that_lean_further_than_yunet_does(
    lean: float, yunets: bool, networks: bool
) -> None:
    level = np.array([[14, 20], [26, 20], [20, 26], [15, 33], [25, 33]], np.float32)
    along, across = math.cos(math.radians(lean)), math.sin(math.radians(lean))
    turn = np.array([[along, across], [-across, along]], np.float32)
    scene = Scene(
        np.zeros((64, 64), np.uint8),
        np.array([[8, 8, 32, 40]], np.float32),
        ((level - level.mean(axis=0)) @ turn + 20)[np.newaxis],
        np.zeros(1, np.bool_),
        np.ones(1, np.bool_),
    )
    of_network = largest_lean_of_teacher(settings(FAST_NETWORK, outputs=1.0))
    of_yunet = largest_lean_of_teacher(DetectorSettings())
    assert cell_targets(scene, 64, of_network)[:, 18].all() == networks
    assert cell_targets(scene, 64, of_yunet)[:, 18].all() == yunets


def test_another_network_cannot_teach(tmp_path: Path) -> None:
    path = tmp_path / "fast.keras"
    face_network(FAST_NETWORK).save(path)
    with pytest.raises(RunError, match=r"fast\.keras is no network of face-detector"):
        teacher_of(settings(FAST_NETWORK, outputs=1.0), NO_SOURCES, path)


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"distillation.network": "a"}, "needs distillation.features or distillation.outputs"),
        ({"distillation.outputs": 1.0}, "distillation.outputs needs distillation.network"),
    ],
)
def test_a_teacher_and_what_is_learned_from_it_go_together(
    chosen: dict[str, Any], message: str
) -> None:
    with pytest.raises(RunError, match=message):
        DetectorSettings.of(chosen)


def test_a_missing_teacher_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["distillation.network=no.keras", "distillation.outputs=1"]
    fit = ["detector", "fit", "--data", "a.zip", "--run", str(tmp_path / "run"), "--set", *asked]
    monkeypatch.setattr("sys.argv", ["train", *fit])
    assert main() == 1
    assert "no.keras does not exist" in capsys.readouterr().err
