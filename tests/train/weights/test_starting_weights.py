"""Weights of other trainings: from PyTorch the same answers come out as there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from train.errors import RunError
from train.networks import build
from train.weights.starting_weights import load_starting_weights

torch = pytest.importorskip("torch")


def at_random(network: Any) -> Any:
    """A PyTorch network, also its statistics, and ready to answer."""
    torch.manual_seed(1)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 2)
            module.weight.data.uniform_(0.5, 1.5)
            module.bias.data.normal_(0, 0.1)
        elif isinstance(module, (torch.nn.Conv2d, torch.nn.Linear)):
            torch.nn.init.kaiming_normal_(module.weight)
    return network.eval()


@pytest.mark.parametrize("name", ["resnet18", "googlenet"])
def test_a_pytorch_state_gives_pytorchs_answers(name: str, tmp_path: Path) -> None:
    from tests.train.weights.pytorch_networks import GoogLeNet, ResNet18

    theirs = at_random({"resnet18": ResNet18, "googlenet": GoogLeNet}[name](7))
    torch.save(theirs.state_dict(), tmp_path / "state.pth")
    ours = build(name, 7, 0.2)
    load_starting_weights(ours, tmp_path / "state.pth")
    images = np.random.default_rng(1).uniform(0, 255, (2, 224, 224, 3)).astype(np.float32)
    with torch.no_grad():
        answers = theirs(torch.from_numpy(images.transpose(0, 3, 1, 2).copy()))
    expected = [one.numpy() for one in (answers if isinstance(answers, list) else [answers])]
    found = ours(images, training=False)
    for one, other in zip(found if isinstance(found, list) else [found], expected, strict=True):
        scale = np.abs(other[0] - other[1]).max()
        assert scale > 0, "two pictures, two answers"
        np.testing.assert_allclose(np.array(one), other, atol=1e-3 * scale)


def test_another_number_of_classes_keeps_a_fresh_last_layer(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    from tests.train.weights.pytorch_networks import ResNet18

    theirs = at_random(ResNet18(1000))
    torch.save({"state_dict": theirs.state_dict()}, tmp_path / "state.pt")
    ours = build("resnet18", 7, 0.2)
    before = ours.get_layer("fc").get_weights()
    with caplog.at_level("INFO"):
        load_starting_weights(ours, tmp_path / "state.pt")
    assert "anew: fc" in caplog.text
    np.testing.assert_array_equal(ours.get_layer("fc").get_weights()[0], before[0])
    kernel = theirs.state_dict()["conv1.weight"].numpy().transpose(2, 3, 1, 0)
    np.testing.assert_array_equal(ours.get_layer("conv1").get_weights()[0], kernel)


def test_a_keras_file_is_taken_too(tmp_path: Path) -> None:
    first, second = build("lenet", 7, 0.1), build("lenet", 7, 0.1)
    first.save(tmp_path / "first.keras")
    load_starting_weights(second, tmp_path / "first.keras")
    for one, other in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_what_does_not_fit_is_named(tmp_path: Path) -> None:
    build("lenet", 7, 0.1).save(tmp_path / "lenet.keras")
    with pytest.raises(RunError, match=r"does not fit resnet18: conv1 needs .*nothing of that"):
        load_starting_weights(build("resnet18", 7, 0.1), tmp_path / "lenet.keras")
    with pytest.raises(RunError, match="does not exist"):
        load_starting_weights(keras.Sequential(), tmp_path / "nothing.pth")


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(content=st.binary(max_size=300), ending=st.sampled_from(["pth", "pt", "keras"]))
def test_garbage_is_an_error_of_ours(content: bytes, ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"garbage.{ending}"
    path.write_bytes(content)
    with pytest.raises(RunError):
        load_starting_weights(build("lenet", 7, 0.1), path)
