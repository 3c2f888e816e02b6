"""Optimizers whose average of the weights (EMA) ramps up, so that short trainings have one too.

With a constant share of 0.999 the average still holds two thirds of the initial weights after 400
steps. The network that is left is then worse than the one that was trained. As in TensorFlow's
`ExponentialMovingAverage`, the step after t others keeps at most t / (9 + t) of the average. It is
the weights themselves at first, and then about their mean over the last tenth of the steps, until
the wanted share is reached.

They also ask their schedule for the learning rate once a step. Keras's ask it again for each weight
that decays, which makes most of the first step's graph.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


class _RampedAverage:
    """Keras's own methods for decay and average: one learning rate, and a share that grows."""

    def _apply_weight_decay(self, variables: Any) -> None:
        if self.weight_decay is None:  # type: ignore[attr-defined]
            return
        rate = self.learning_rate  # type: ignore[attr-defined]
        for variable in variables:
            if self._use_weight_decay(variable):  # type: ignore[attr-defined]
                decay = ops.cast(self.weight_decay, variable.dtype)  # type: ignore[attr-defined]
                variable.assign(variable - variable * decay * ops.cast(rate, variable.dtype))

    def _update_model_variables_moving_average(self, trainable_variables: Any) -> None:
        if not self.use_ema:  # type: ignore[attr-defined]
            return
        done = ops.cast(self.iterations, "float32")  # type: ignore[attr-defined]
        most = float(self.ema_momentum)  # type: ignore[attr-defined]
        share = ops.minimum(most, done / (9.0 + done))
        averages = self._model_variables_moving_average  # type: ignore[attr-defined]
        for variable, average in zip(trainable_variables, averages, strict=True):
            if average is not None:
                kept = ops.cast(share, average.dtype)
                average.assign(kept * average + (1 - kept) * ops.cast(variable, average.dtype))


@keras.saving.register_keras_serializable("fer_edge")
class AveragedSGD(_RampedAverage, keras.optimizers.SGD):
    """Keras's, but for the average."""


@keras.saving.register_keras_serializable("fer_edge")
class AveragedAdam(_RampedAverage, keras.optimizers.Adam):
    """Keras's, but for the average."""


def averaging(share: float) -> dict[str, Any]:
    """What both take for an average that keeps at most this share at each step; 0: none."""
    return {"use_ema": share > 0, "ema_momentum": share or 0.99}
