"""The part of a network from stride 4 on: YuNet's, so that it can begin with its weights.

Four blocks work at stride 4. Then three stages halve the picture. What a stage sees is added,
enlarged, to the one before it (feature pyramid: Lin et al. 2017, arXiv:1612.03144). This is most of
Wu et al., "YuNet: A Tiny Millisecond-level Face Detector", 2023 (doi 10.1007/s11633-023-1423-y).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import keras
from keras import layers

from train.detector.targets import STRIDES

PYRAMID_CHANNELS = 64
BLOCKS = ("first", "last")
"""Of each stage."""
FACE_PRIOR_LOGIT = -4.6
"""The logit that every cell begins with: one in a hundred shows a face (Lin et al., "Focal Loss",
2017, arXiv:1708.02002, section 4.1)."""
BLOCKS_AT_STRIDE4 = (("a", 16), ("b", 32), ("c", 32), ("d", 64))
"""Their names and channels."""
FEATURES = {
    "stride8_pool": 8,
    **{f"stride{stride}_last_relu": stride for stride in STRIDES},
    **{f"pyramid{stride}_relu": stride for stride in STRIDES},
}
"""The layers whose numbers a student learns from its teacher, and their strides."""


def block(
    x: keras.KerasTensor, channels: int, name: str, is_small: bool = False
) -> keras.KerasTensor:
    """A convolution of 1x1, then one of 3x3 for each channel, ReLU. YuNet's have no batch norm: it
    is folded into their weights.

    Args:
        x: (batch, height, width, any number).
        channels: of the output.
        name: its layers' names begin so.
        is_small: whether its output is small with fresh weights.
    """
    x = layers.Conv2D(channels, 1, kernel_initializer="he_normal", name=f"{name}_point")(x)
    begun = keras.initializers.RandomNormal(stddev=0.01) if is_small else "glorot_uniform"
    x = layers.DepthwiseConv2D(
        3, padding="same", depthwise_initializer=begun, name=f"{name}_depth"
    )(x)
    return layers.ReLU(name=f"{name}_relu")(x)


def pyramid(
    x: keras.KerasTensor, numbers: int, more_blocks: Mapping[int, int] = MappingProxyType({})
) -> list[keras.KerasTensor]:
    """The numbers of each cell, (batch, height, width, numbers), for each of STRIDES.

    Args:
        x: (batch, height, width, 16) at stride 4.
        numbers: of a cell.
        more_blocks: how many further blocks come before the numbers, by stride.
    """
    for name, channels in BLOCKS_AT_STRIDE4:
        x = block(x, channels, f"stride4_{name}")
    stages: list[keras.KerasTensor] = []
    for stride in STRIDES:
        x = layers.MaxPooling2D(2, name=f"stride{stride}_pool")(x)
        for name in BLOCKS:
            x = block(x, PYRAMID_CHANNELS, f"stride{stride}_{name}")
        stages.append(x)
    grids = []
    above = None
    for stride, stage in reversed(list(zip(STRIDES, stages, strict=True))):
        if above is not None:
            above = layers.UpSampling2D(2, name=f"pyramid{stride}_enlarged")(above)
            stage = layers.Add(name=f"pyramid{stride}_sum")([stage, above])
        above = block(stage, PYRAMID_CHANNELS, f"pyramid{stride}")
        seen = _with_residual(above, more_blocks.get(stride, 0), f"stride{stride}_more")
        grids.append(_numbers(seen, numbers, f"stride{stride}"))
    return grids[::-1]


def _with_residual(x: keras.KerasTensor, blocks: int, name: str) -> keras.KerasTensor:
    """What some blocks add. At first it is little, so that a network begins as its weights are."""
    y = x
    for number in range(blocks):
        y = block(y, PYRAMID_CHANNELS, f"{name}{number}", is_small=number + 1 == blocks)
    return layers.Add(name=f"{name}_add")([x, y]) if blocks else x


def _numbers(x: keras.KerasTensor, count: int, name: str) -> keras.KerasTensor:
    x = layers.Conv2D(
        count, 1, kernel_initializer="he_normal", dtype="float32", name=f"{name}_numbers"
    )(x)
    return layers.DepthwiseConv2D(
        3,
        padding="same",
        depthwise_initializer=keras.initializers.RandomNormal(stddev=0.01),
        bias_initializer=keras.initializers.Constant([FACE_PRIOR_LOGIT] + [0.0] * (count - 1)),
        dtype="float32",
        name=f"{name}_faces",
    )(x)
