"""The face detection network: convolutions only, so that one file takes pictures of any size."""

from __future__ import annotations

import keras
from keras import layers

from fer_edge.detectors.grid import CHANNELS, HINTS
from train.networks.convolution import convolution, normalised

FACE_PRIOR_LOGIT = -4.6
"""The logit that every cell begins with: one in a hundred shows a face (Lin et al., "Focal Loss",
2017, arXiv:1708.02002, section 4.1)."""
STEM_CHANNELS, STEM_STRIDE = 24, 4
"""The stem reads each square of so many pixels once: at a stride of 2 it would take as long as all
other layers. 16 channels for 16 pixels lose detail, since ReLU keeps half of each."""
FINEST_CHANNELS, COARSE_CHANNELS = 32, 64
RESIDUAL_BLOCKS = 2
"""Of each of the two coarser grids. Most blocks are where a block costs little. Their results reach
the finer grids as hints."""


def face_network(height: int | None = None, width: int | None = None) -> keras.Model:
    """Takes float grey pixels 0..255, (batch, height, width, 1), both sides multiples of 32.

    Gives (batch, height / stride, width / stride, CHANNELS) for the stride 8 and HINTS more numbers
    for 16 and 32; see `fer_edge.detectors.grid`.
    """
    inputs = keras.Input((height, width, 1), name="pixels")
    x = layers.Rescaling(1 / 127.5, offset=-1.0, name="scale")(inputs)
    x = convolution(x, STEM_CHANNELS, "stem", size=STEM_STRIDE, strides=STEM_STRIDE)
    x = convolution(x, FINEST_CHANNELS, "stride8", strides=2)
    x = convolution(x, FINEST_CHANNELS, "stride8_more")
    outputs = [_head(x, CHANNELS, "stride8")]
    for stride in (16, 32):
        x = convolution(x, COARSE_CHANNELS, f"stride{stride}", strides=2)
        for block in range(RESIDUAL_BLOCKS):
            x = _residual(x, f"stride{stride}_block{block}")
        outputs.append(_head(x, CHANNELS + HINTS, f"stride{stride}"))
    return keras.Model(inputs, outputs, name="face_detector")


def _residual(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    """Half as many channels between two convolutions: twice the depth for the time."""
    channels = x.shape[-1]
    y = convolution(x, channels // 2, f"{name}_a")
    y = normalised(y, channels, f"{name}_b", size=3, strides=1)
    return layers.ReLU(name=f"{name}_relu")(layers.Add(name=f"{name}_add")([x, y]))


def _head(x: keras.KerasTensor, numbers: int, name: str) -> keras.KerasTensor:
    bias = keras.initializers.Constant([FACE_PRIOR_LOGIT] + [0.0] * (numbers - 1))
    return layers.Conv2D(
        numbers,
        1,
        bias_initializer=bias,
        kernel_initializer=keras.initializers.RandomNormal(stddev=0.01),
        dtype="float32",
        name=f"{name}_faces",
    )(x)
