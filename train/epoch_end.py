"""What happens when an epoch ends: its row is kept, its state is saved, and it is told."""

from __future__ import annotations

import logging
import os
import time
from typing import Any

import keras

from train.run_folder import RunFolder, write_json

log = logging.getLogger(__name__)


class EpochEnd(keras.callbacks.Callback):
    """Writes history and checkpoint, so that a kill loses no more than the epoch it falls in."""

    def __init__(self, run: RunFolder, history: list[dict[str, float]], epochs: int) -> None:
        """`history` holds the rows of the epochs already done and is added to."""
        super().__init__()
        self.run, self.history, self.epochs = run, history, epochs
        self.began = 0.0

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.began = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        done = epoch + 1
        seconds = round(time.monotonic() - self.began, 1)
        row = {"epoch": done, "seconds": seconds}
        row.update({name: float(value) for name, value in (logs or {}).items()})
        self.history.append(row)
        write_json(self.run.history, self.history)
        self._save(done)
        told = "  ".join(f"{name} {value:.4f}" for name, value in list(row.items())[2:])
        line = f"epoch {done}/{self.epochs}  {seconds:.0f} s  {told}"
        log.info("%s", line)
        with self.run.log.open("a", encoding="utf-8") as file:
            file.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')}  {line}\n")

    def _save(self, done: int) -> None:
        half_written = self.run.path / "half-written.keras"
        self.model.save(half_written)
        os.replace(half_written, self.run.checkpoint(done))
        # The one before stays, in case a full disk or a power cut spoilt the newest.
        for epoch, path in self.run.checkpoints().items():
            if epoch < done - 1:
                path.unlink()
