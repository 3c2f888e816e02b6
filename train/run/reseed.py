"""Random numbers that a restart repeats: they depend on the run's seed and the epoch alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import keras
import numpy as np


def reseed(variables: Iterable[keras.Variable], seed: int, epoch: int) -> None:
    """Set the random generators among some variables, by their order among those."""
    states = [v for v in variables if v.path.endswith("seed_generator_state")]
    for number, state in enumerate(states):
        words = np.random.SeedSequence((seed, epoch, number)).generate_state(2)
        # Backends differ in the state's type; 31 bits fit into all of them.
        state.assign((words >> 1).astype(np.int32))


class Reseed(keras.callbacks.Callback):
    """Sets every random generator of the model at each epoch's beginning.

    Keras saves no generator's state with a model, so a resumed training would else draw other
    augmentations and dropout than one that was never stopped.
    """

    def __init__(self, seed: int, views: int = 0) -> None:
        """With `views`, as many epochs later the same numbers come again."""
        super().__init__()
        self.seed, self.views = seed, views

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        reseed(self.model.variables, self.seed, epoch % self.views if self.views else epoch)
