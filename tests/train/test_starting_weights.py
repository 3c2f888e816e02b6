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

from train.errors import RunError
from train.learning.starting_weights import load_starting_weights
from train.networks import build

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
    from tests.train.pytorch_networks import GoogLeNet, ResNet18

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
    from tests.train.pytorch_networks import ResNet18

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


def tfjs_graph(network: keras.Model, path: Path, kind: str) -> None:
    """A network's convolutions as tensorflowjs_converter leaves them: batch norm folded into a bias
    and, for depthwise ones, a factor; weights in two files.
    """
    entries, content = [], b""

    def put(name: str, array: Any) -> None:
        nonlocal content
        stored = np.asarray(array, np.float16 if kind == "float16" else np.float32)
        entry: dict[str, Any] = {"name": name, "shape": list(stored.shape), "dtype": "float32"}
        if kind == "float16":
            entry["quantization"] = {"dtype": "float16", "original_dtype": "float32"}
        entries.append(entry)
        content += stored.tobytes()

    for layer in network.layers:
        if not isinstance(layer, (keras.layers.Conv2D, keras.layers.DepthwiseConv2D)):
            continue
        kernel, bias = layer.get_weights()
        if isinstance(layer, keras.layers.DepthwiseConv2D):
            factor = np.linspace(0.5, 2, len(bias))
            put(f"{layer.name}/depthwise_kernel", kernel / factor[:, None])
            put(f"{layer.name}_bn/batchnorm_1/mul", factor)
        else:
            put(f"{layer.name}/convolution/merged_input", kernel)
        put(f"{layer.name}_bn/batchnorm_1/sub", bias)
    halves = content[: len(content) // 2], content[len(content) // 2 :]
    for number, half in enumerate(halves):
        (path.parent / f"part{number}.bin").write_bytes(half)
    manifest = [{"paths": ["part0.bin", "part1.bin"], "weights": entries}]
    path.write_text(json.dumps({"format": "graph-model", "weightsManifest": manifest}))


@pytest.mark.parametrize(("kind", "nearly"), [("float32", 1e-5), ("float16", 1e-2)])
def test_a_tensorflow_js_graph_gives_the_same_features(
    kind: str, nearly: float, tmp_path: Path
) -> None:
    theirs, ours = build("mobilenet", 7, 0.1), build("mobilenet", 5, 0.1)
    some = np.random.default_rng(1)
    for layer in theirs.layers:
        if layer.name.startswith("conv") and layer.weights:
            kernel, bias = layer.get_weights()
            layer.set_weights([kernel, some.normal(0, 0.1, bias.shape)])
    tfjs_graph(theirs, tmp_path / "model.json", kind)
    load_starting_weights(ours, tmp_path / "model.json")
    faces = some.uniform(0, 255, (2, 48, 48, 1)).astype(np.float32)
    found, expected = (
        np.array(keras.Model(one.input, one.get_layer("pool").output)(faces))
        for one in (ours, theirs)
    )
    scale = np.abs(expected).max()
    assert scale > 0
    np.testing.assert_allclose(found, expected, atol=nearly * scale)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        '{"weightsManifest": [{"paths": ["gone.bin"], "weights": []}]}',
        '{"weightsManifest": [{"paths": [], "weights": [{"name": "a", "shape": [9], '
        '"dtype": "float32"}]}]}',
        '{"weightsManifest": [{"paths": [], "weights": [{"name": "a", "shape": [0], '
        '"dtype": "float32", "quantization": {"dtype": "uint8"}}]}]}',
        '{"weightsManifest": [{"paths": [], "weights": ["name"]}]}',
        '{"weightsManifest": [{"paths": ["/dev/zero"], "weights": []}]}',
        '{"weightsManifest": [{"paths": ["../model.json"], "weights": []}]}',
        "[" * 100_000,
    ],
)
def test_another_json_file_is_no_tensorflow_js_graph(content: str, tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    path.write_text(content)
    with pytest.raises(RunError, match=r"model\.json is not a TensorFlow\.js graph model"):
        load_starting_weights(build("lenet", 7, 0.1), path)


def test_a_wider_network_says_at_first_what_the_narrower_said(tmp_path: Path) -> None:
    narrow, wide = build("edge", 7, 0.1), build("wide", 7, 0.1)
    random = np.random.default_rng(1)
    narrow.set_weights(
        [random.uniform(0.1, 0.5, w.shape) - 0.2 * (w.ndim > 1) for w in narrow.get_weights()]
    )
    narrow.save(tmp_path / "narrow.keras")
    before = wide.get_layer("stage2_block1_a_conv").get_weights()[0]
    load_starting_weights(wide, tmp_path / "narrow.keras")
    images = random.uniform(0, 255, (2, 48, 48, 1)).astype(np.float32)
    said = np.array(narrow(images, training=False))
    assert np.abs(said[0] - said[1]).max() > 1e-3, "two pictures, two answers"
    np.testing.assert_allclose(np.array(wide(images, training=False)), said, rtol=1e-3)
    kernel = wide.get_layer("stage2_block1_a_conv").get_weights()[0]
    np.testing.assert_array_equal(kernel[..., 128:], before[..., 128:])


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
