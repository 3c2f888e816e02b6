"""The face detection networks: convolutions only, so that one file takes pictures of any size."""

from __future__ import annotations

import keras
from keras import layers

from fer_edge.detectors.grid import CHANNELS, HINTS
from train.detector.pyramid import FACE_PRIOR_LOGIT, pyramid
from train.detector.settings import FAST_NETWORK, PYRAMID_NETWORK
from train.networks.convolution import convolution, normalised

STEM_STRIDE = 4
"""The stems read each square of so many pixels once. At a stride of 2 the fast network's would take
as long as all its other layers."""
FAST_STEM_CHANNELS = 24
"""16 channels for 16 pixels lose detail, since ReLU keeps half of each."""
FAST_FINEST_CHANNELS, FAST_COARSE_CHANNELS, FAST_BLOCKS = 32, 64, 2
"""The blocks of each of the two coarser grids are residual ones."""
PYRAMID_FRONT_CHANNELS = (32, 16)
"""Of the pyramid network's stem and of the convolution behind it, at stride 4."""
BLOCKS_BEFORE_NUMBERS = {16: 2, 32: 2}
"""What YuNet lacks, by stride. Its features of large faces say little of heads that lean, and their
landmarks need more than a linear view of the features."""


def face_network(name: str, height: int | None = None, width: int | None = None) -> keras.Model:
    """Takes float grey pixels 0..255, (batch, height, width, 1), both sides multiples of 32.

    Gives (batch, height / stride, width / stride, CHANNELS) for the strides 8, 16 and 32. The fast
    network gives HINTS more numbers for 16 and 32; see `fer_edge.detectors.grid`.

    Args:
        name: one of `train.detector.settings.NETWORKS`.
        height: of the pictures, in pixels; None: any.
        width: likewise.
    """
    inputs = keras.Input((height, width, 1), name="pixels")
    x = layers.Rescaling(1 / 127.5, offset=-1.0, name="scale")(inputs)
    grids = {PYRAMID_NETWORK: _pyramid_grids, FAST_NETWORK: _fast_grids}
    return keras.Model(inputs, grids[name](x), name="face_detector")


def _pyramid_grids(x: keras.KerasTensor) -> list[keras.KerasTensor]:
    """A front of our own in place of YuNet's layers at stride 2; then YuNet."""
    stem, more = PYRAMID_FRONT_CHANNELS
    x = convolution(x, stem, "stem", size=STEM_STRIDE, strides=STEM_STRIDE)
    x = convolution(x, more, "stride4_front")
    return pyramid(x, CHANNELS, BLOCKS_BEFORE_NUMBERS)


def _fast_grids(x: keras.KerasTensor) -> list[keras.KerasTensor]:
    x = convolution(x, FAST_STEM_CHANNELS, "stem", size=STEM_STRIDE, strides=STEM_STRIDE)
    x = convolution(x, FAST_FINEST_CHANNELS, "stride8", strides=2)
    x = convolution(x, FAST_FINEST_CHANNELS, "stride8_more")
    grids = [_numbers(x, CHANNELS, "stride8")]
    for stride in (16, 32):
        x = convolution(x, FAST_COARSE_CHANNELS, f"stride{stride}", strides=2)
        for block in range(FAST_BLOCKS):
            x = _narrowed_block(x, f"stride{stride}_block{block}")
        grids.append(_numbers(x, CHANNELS + HINTS, f"stride{stride}"))
    return grids


def _narrowed_block(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    """Half as many channels between two convolutions: twice the depth for the time."""
    channels = x.shape[-1]
    y = convolution(x, channels // 2, f"{name}_a")
    y = normalised(y, channels, f"{name}_b", size=3, strides=1)
    return layers.ReLU(name=f"{name}_relu")(layers.Add(name=f"{name}_add")([x, y]))


def _numbers(x: keras.KerasTensor, count: int, name: str) -> keras.KerasTensor:
    bias = keras.initializers.Constant([FACE_PRIOR_LOGIT] + [0.0] * (count - 1))
    return layers.Conv2D(
        count,
        1,
        bias_initializer=bias,
        kernel_initializer=keras.initializers.RandomNormal(stddev=0.01),
        dtype="float32",
        name=f"{name}_faces",
    )(x)
