"""Random numbers that a restart repeats: they depend on the run's seed and the epoch alone."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np


class Reseed(keras.callbacks.Callback):
    """Sets every random generator of the model at each epoch's beginning.

    Keras saves no generator's state with a model, so a resumed training would else draw other
    augmentations and dropout than one that was never stopped.
    """

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.seed = seed

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        states = [v for v in self.model.variables if v.path.endswith("seed_generator_state")]
        for number, state in enumerate(states):
            words = np.random.SeedSequence((self.seed, epoch, number)).generate_state(2)
            # Backends differ in the state's type; 31 bits fit into all of them.
            state.assign((words >> 1).astype(np.int32))
