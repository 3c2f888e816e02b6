"""The loss of a cell's outputs."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from fer_edge.detectors.grid import CHANNELS

FOCAL_GAMMA = 2.0
"""The larger it is, the less outputs count that are nearly right (Lin et al., "Focal Loss", 2017,
arXiv:1708.02002)."""
BOX_LOSS_WEIGHT, LANDMARK_LOSS_WEIGHT = 2.0, 40.0
LANDMARK_SQUARED_BELOW_FACE_SHARE = 0.01
"""Up to this share of a face's size a landmark's error matters less the smaller it is. At 0.05 all
usual errors did, and they stayed at 0.035."""


@keras.saving.register_keras_serializable(package="fer_edge")  # type: ignore[untyped-decorator]
def detection_loss(targets: Any, outputs: Any) -> Any:
    """For each scene, (batch,).

    Args:
        targets: (batch, cells, TARGET_COLUMNS), as `train.detector.targets` makes them.
        outputs: (batch, cells, CHANNELS), as `fer_edge.detectors.grid` describes them. Further
            columns are losses of what a teacher shows.
    """
    faces = ops.maximum(ops.sum(targets[..., 16]), 1.0) / ops.cast(ops.shape(targets)[0], "float32")
    shared, generalized = iou(targets[..., 2:6], outputs[..., 1:5])
    there = focal(targets[..., 0] * ops.stop_gradient(shared), outputs[..., 0]) * targets[..., 1]
    box = (1 - generalized) * targets[..., 16]
    points = landmark_distance(targets[..., 2:16], outputs[..., 1:CHANNELS]) * targets[..., 17]
    total = there + BOX_LOSS_WEIGHT * box + LANDMARK_LOSS_WEIGHT * points
    loss = ops.sum(total, axis=1) / faces
    if outputs.shape[-1] > CHANNELS:
        taught = ops.sum(outputs[..., CHANNELS:], axis=-1)
        loss = loss + ops.sum(taught * targets[..., 18], axis=1)
    return loss


def focal(targets: Any, logit: Any) -> Any:
    """The score learns the IoU of the cell's box, so that of many cells the best one stays. This is
    after Li et al., "Generalized Focal Loss", 2020, arXiv:2006.04388, equation 2.
    """
    probability = ops.sigmoid(logit)
    entropy = keras.ops.relu(logit) - logit * targets + ops.log1p(ops.exp(-ops.abs(logit)))
    return ops.abs(targets - probability) ** FOCAL_GAMMA * entropy


def iou(targets: Any, outputs: Any) -> tuple[Any, Any]:
    """IoU, 0..1, and generalized IoU, -1..1 (Rezatofighi et al. 2019, arXiv:1902.09630). Boxes are
    given by their centres and the logarithms of their sides.
    """
    one_low, one_high = _corners(targets)
    other_low, other_high = _corners(outputs)
    common = ops.maximum(ops.minimum(one_high, other_high) - ops.maximum(one_low, other_low), 0.0)
    around = ops.maximum(one_high, other_high) - ops.minimum(one_low, other_low)
    both = ops.prod(common, axis=-1)
    union = ops.prod(one_high - one_low, axis=-1) + ops.prod(other_high - other_low, axis=-1) - both
    hull = ops.prod(around, axis=-1)
    shared = both / (union + 1e-6)
    return shared, shared - (hull - union) / (hull + 1e-6)


def _corners(box: Any) -> tuple[Any, Any]:
    half = ops.exp(ops.clip(box[..., 2:], -3.0, 5.0)) / 2
    return box[..., :2] - half, box[..., :2] + half


def landmark_distance(targets: Any, outputs: Any) -> Any:
    """The mean distance as a share of the face's size, the smallest ones squared. Both have a box's
    four numbers, and then the landmarks' ten.
    """
    size = ops.exp((targets[..., 2:3] + targets[..., 3:4]) / 2)
    away = ops.abs(targets[..., 4:] - outputs[..., 4:]) / size
    return ops.mean(
        ops.where(
            away < LANDMARK_SQUARED_BELOW_FACE_SHARE,
            away**2 / (2 * LANDMARK_SQUARED_BELOW_FACE_SHARE),
            away - LANDMARK_SQUARED_BELOW_FACE_SHARE / 2,
        ),
        axis=-1,
    )
