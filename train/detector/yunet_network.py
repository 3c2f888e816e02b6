"""YuNet as a network of Keras: the teacher whose features are learned. The only file that uses
onnx.

Its file is that of the OpenCV Zoo (MIT licence, Shiqi Yu), version 2023mar. Batch norms are folded
into its convolutions. It reads colours; here it reads grey, as its kernel's sum over them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import layers

from fer_edge.detectors.grid import CHANNELS
from train.detector.pyramid import BLOCKS, BLOCKS_AT_STRIDE4, block, pyramid
from train.detector.targets import STRIDES
from train.errors import RunError

Weights = list[npt.NDArray[np.float32]]
"""A layer's kernel and biases, as Keras has them."""
NUMBERS = CHANNELS + 1
"""Of a cell: the logit of a face's class, the logit that something is there, box, landmarks."""
FRONT_CHANNELS = 16
"""At stride 2."""
HEADS = ("cls", "obj", "bbox", "kps")
"""The heads of a cell's numbers, in their order."""
CELL_CENTRE = 0.5
"""YuNet measures from a cell's corner, in strides; `fer_edge.detectors.grid` from its centre."""


def yunet_network(path: Path) -> keras.Model:
    """Takes float grey pixels 0..255, (batch, height, width, 1), both sides multiples of 32.

    Gives NUMBERS for each cell of STRIDES.

    Raises:
        RunError: the package onnx is missing, or the file is not YuNet.
    """
    network = _without_weights()
    weights = _weights(path)
    for layer in network.layers:
        if layer.weights:
            wanted = [tuple(weight.shape) for weight in layer.weights]
            found = weights.get(layer.name, [])
            if [array.shape for array in found] != wanted:
                raise RunError(
                    f"{path} is not YuNet 2023mar: {layer.name} needs {wanted}, "
                    f"the file has {[array.shape for array in found]}"
                )
            layer.set_weights(found)
    network.trainable = False
    return network


def take_layers(network: keras.Model, teacher: keras.Model) -> None:
    """Give a network the weights of the teacher's layers with the same names."""
    theirs = {layer.name: layer.get_weights() for layer in teacher.layers}
    for layer in network.layers:
        if layer.weights and layer.name in theirs:
            is_head = layer.name.endswith(("_numbers", "_faces"))
            found = theirs[layer.name]
            layer.set_weights(_without_class(layer.name, found) if is_head else found)


def _without_class(name: str, weights: Weights) -> Weights:
    """A head's weights for CHANNELS numbers: its logit is the one that something is there. The
    other one was never trained on places without a face.
    """
    is_depth = name.endswith("_faces")
    kernel, biases = weights[0], weights[1][1:].copy()
    if is_depth:
        # The box's centre and the landmarks.
        biases[1:3] -= CELL_CENTRE
        biases[5:] -= CELL_CENTRE
    return [kernel[:, :, 1:] if is_depth else kernel[..., 1:], biases]


def _without_weights() -> keras.Model:
    inputs = keras.Input((None, None, 1), name="pixels")
    # As PyTorch pads it: on all sides alike.
    x = layers.ZeroPadding2D(((1, 0), (1, 0)), name="pad")(inputs)
    x = layers.Conv2D(FRONT_CHANNELS, 3, strides=2, name="front_stem")(x)
    x = block(layers.ReLU(name="front_stem_relu")(x), FRONT_CHANNELS, "front")
    x = layers.MaxPooling2D(2, name="front_pool")(x)
    return keras.Model(inputs, pyramid(x, NUMBERS), name="yunet")


def _weights(path: Path) -> dict[str, Weights]:
    """By layer.

    Raises:
        RunError: onnx is missing, or the file cannot be read.
    """
    try:
        import onnx
    except ImportError as error:
        raise RunError(f"{path} needs the package onnx: pip install onnx ({error})") from error
    try:
        graph = onnx.load(path).graph
        arrays = {one.name: onnx.numpy_helper.to_array(one) for one in graph.initializer}
        nodes = [node for node in graph.node if node.op_type == "Conv"]
        pairs = {node.input[1]: (arrays[node.input[1]], arrays[node.input[2]]) for node in nodes}
        return dict(_by_layer(pairs))
    except Exception as error:
        # For a damaged file onnx and protobuf raise errors of many types.
        told = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise RunError(f"{path} is not YuNet 2023mar: {told}") from error


def _by_layer(pairs: dict[str, Any]) -> Iterator[tuple[str, Weights]]:
    body = [pair for name, pair in pairs.items() if "bbox_head" not in name]
    stem, stem_biases = body[0]
    yield "front_stem", [stem.sum(axis=1, keepdims=True).transpose(2, 3, 1, 0), stem_biases]
    names = ["front", *(f"stride4_{name}" for name, _ in BLOCKS_AT_STRIDE4)]
    names += [f"stride{stride}_{which}" for stride in STRIDES for which in BLOCKS]
    names += [f"pyramid{stride}" for stride in reversed(STRIDES)]
    for number, name in enumerate(names):
        (point, point_biases), (depth, depth_biases) = body[1 + 2 * number : 3 + 2 * number]
        yield f"{name}_point", [point.transpose(2, 3, 1, 0), point_biases]
        yield f"{name}_depth", [depth.transpose(2, 3, 0, 1), depth_biases]
    for level, stride in enumerate(STRIDES):
        for ending, part in (("numbers", "conv1"), ("faces", "conv2")):
            heads = [pairs[f"bbox_head.multi_level_{head}.{level}.{part}.weight"] for head in HEADS]
            kernel = np.concatenate([one for one, _ in heads])
            axes = (2, 3, 1, 0) if part == "conv1" else (2, 3, 0, 1)
            yield (
                f"stride{stride}_{ending}",
                [kernel.transpose(*axes), np.concatenate([biases for _, biases in heads])],
            )
