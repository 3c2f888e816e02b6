"""The learning rate of a training: it rises from 0, then falls along a cosine."""

from __future__ import annotations

import keras


def warm_cosine(
    peak: float, length: int, epoch_steps: int
) -> keras.optimizers.schedules.LearningRateSchedule:
    """Rises to the peak within an epoch, and falls to 0 at the end.

    Args:
        peak: the highest rate.
        length: steps from 0 to 0.
        epoch_steps: steps of an epoch. Where there are no two epochs, it rises for half the length.
    """
    warm_up = min(epoch_steps, length // 2)
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0,
        decay_steps=max(1, length - warm_up),
        warmup_target=peak,
        warmup_steps=warm_up,
    )
