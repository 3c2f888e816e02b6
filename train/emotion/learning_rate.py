"""The learning rate at each step."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops
from keras.optimizers.schedules import LearningRateSchedule

from train.emotion.settings import Settings
from train.run.warm_cosine import warm_cosine

NEXT_PEAK_RATIO = 2 / 3
"""The peak of each cycle as a share of the one before, so that later cycles do not undo earlier
ones."""


def learning_rate(settings: Settings, steps: int) -> LearningRateSchedule:
    """The settings' schedule for epochs of so many steps."""
    if settings.optimizer.drop_at:
        rates = [settings.optimizer.learning_rate, settings.optimizer.learning_rate / 10]
        return keras.optimizers.schedules.PiecewiseConstantDecay(
            [settings.optimizer.drop_at * steps], rates
        )
    length = math.ceil(settings.training.epochs * steps / settings.optimizer.cycles)
    if settings.optimizer.cycles > 1:
        return Cycles(settings.optimizer.learning_rate, length, min(steps, length // 2))
    return warm_cosine(settings.optimizer.learning_rate, length, steps)


@keras.saving.register_keras_serializable("fer_edge")
class Cycles(LearningRateSchedule):
    """Cosine cycles, each with a warm-up and a lower peak (Loshchilov & Hutter, "SGDR", 2016,
    arXiv:1608.03983).
    """

    def __init__(self, peak: float, length: int, warm_up: int) -> None:
        """The first peak; steps of a cycle, and those of them in which the rate rises from 0."""
        self.peak = peak
        self.length = length
        self.warm_up = warm_up
        self._cosine = warm_cosine(peak, length, warm_up)

    def __call__(self, step: Any) -> Any:
        step = ops.cast(step, "float32")
        cycle = ops.floor(step / self.length)
        return NEXT_PEAK_RATIO**cycle * self._cosine(step - cycle * self.length)

    def get_config(self) -> dict[str, Any]:
        return {"peak": self.peak, "length": self.length, "warm_up": self.warm_up}
