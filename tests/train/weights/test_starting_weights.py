"""Weights of other trainings: from PyTorch the same answers come out as there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.train.weights.made_up_state import made_up, pictures
from train.errors import RunError
from train.networks import build
from train.weights.pytorch_state import weights_of_state
from train.weights.starting_weights import load_starting_weights, set_weights

OUTPUTS: dict[str, Any] = json.loads(
    Path(__file__).with_name("pytorch_outputs.json").read_text("utf-8")
)
"""What PyTorch's own networks gave; `make_pytorch_outputs.py` made it."""


def torch_state(network: keras.Model) -> dict[str, np.ndarray]:
    """What a PyTorch network of the same shape holds, by its names."""
    arrays = {}
    for layer in network.layers:
        name = layer.name.replace("_", ".")
        if isinstance(layer, keras.layers.BatchNormalization):
            for part in ("weight", "bias", "running_mean", "running_var"):
                arrays[f"{name}.{part}"] = made_up(f"{name}.{part}", layer.gamma.shape)
        elif isinstance(layer, (keras.layers.Conv2D, keras.layers.Dense)):
            shape = tuple(layer.kernel.shape)
            turned = (shape[-1], shape[-2], *shape[:-2])
            arrays[f"{name}.weight"] = made_up(f"{name}.weight", turned)
            if layer.use_bias:
                arrays[f"{name}.bias"] = made_up(f"{name}.bias", shape[-1:])
    return arrays


@pytest.mark.parametrize("name", ["resnet18", "googlenet"])
def test_a_pytorch_state_gives_pytorchs_answers(name: str) -> None:
    ours, kept = build(name, 7, 0.2), OUTPUTS[name]
    arrays = torch_state(ours)
    assert sorted(arrays) == kept["names"], "the state's names are PyTorch's"
    set_weights(ours, weights_of_state(ours, arrays), Path("state.pth"))
    found = ours(pictures(), training=False)
    outputs = found if isinstance(found, list) else [found]
    for one, other in zip(outputs, map(np.array, kept["outputs"]), strict=True):
        scale = np.abs(other[0] - other[1]).max()
        assert scale > 0, "two pictures, two answers"
        np.testing.assert_allclose(np.array(one), other, atol=2e-3 * scale)


def test_another_number_of_classes_keeps_a_fresh_last_layer(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    torch = pytest.importorskip("torch", reason="reading a state file itself needs PyTorch")
    state = torch_state(build("resnet18", 1000, 0.2))
    tensors = {name: torch.from_numpy(array) for name, array in state.items()}
    torch.save({"state_dict": tensors}, tmp_path / "state.pt")
    ours = build("resnet18", 7, 0.2)
    before = ours.get_layer("fc").get_weights()
    with caplog.at_level("INFO"):
        load_starting_weights(ours, tmp_path / "state.pt")
    assert "anew: fc" in caplog.text
    np.testing.assert_array_equal(ours.get_layer("fc").get_weights()[0], before[0])
    kernel = state["conv1.weight"].transpose(2, 3, 1, 0)
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
