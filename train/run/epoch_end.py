"""What happens when an epoch ends: its row is kept, its state is saved, and it is told."""

from __future__ import annotations

import logging
import time
from typing import Any

import keras

from train.run.files import add_line, write_json
from train.run.folder import RunFolder
from train.run.history import Row, best_epoch, is_over
from train.run.network_file import save_network

log = logging.getLogger(__name__)


class EpochEnd(keras.callbacks.Callback):
    """Writes history and checkpoint, so that a kill loses no more than the epoch it falls in."""

    def __init__(self, run: RunFolder, history: list[Row], epochs: int, patience: int) -> None:
        """`history` holds the rows of the epochs already done and is added to."""
        super().__init__()
        self.run, self.history, self.epochs, self.patience = run, history, epochs, patience
        self.began = 0.0

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        # Else the first step makes the optimizer's variables, and TensorFlow traces it twice.
        if not self.model.optimizer.built:
            self.model.optimizer.build(self.model.trainable_variables)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.began = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        done = epoch + 1
        seconds = round(time.monotonic() - self.began, 1)
        row = {"epoch": done, "seconds": seconds, **self._of_first_head(logs or {})}
        self.history.append(row)
        write_json(self.run.history_file, self.history)
        self._save(done)
        told = "  ".join(f"{name} {value:.4f}" for name, value in list(row.items())[2:])
        line = f"epoch {done}/{self.epochs}  {seconds:.0f} s  {told}"
        log.info("%s", line)
        add_line(self.run.log_file, f"{time.strftime('%Y-%m-%d %H:%M:%S')}  {line}")
        if is_over(self.history, self.patience):
            log.info("no better for %d epochs: the best was %d", self.patience, self._best())
            self.model.stop_training = True

    def _of_first_head(self, logs: dict[str, Any]) -> Row:
        """Keras's figures; where the network has auxiliary heads, those of its own output."""
        head = self.model.output_names[0]
        row = {}
        for figure in ("accuracy", "loss", "val_accuracy", "val_loss"):
            split, name = ("val_", figure[4:]) if figure.startswith("val_") else ("", figure)
            value = logs.get(f"{split}{head}_{name}", logs.get(figure))
            if value is not None:
                row[figure] = float(value)
        return row

    def _best(self) -> int:
        return best_epoch(self.history) if self.patience else 0

    def _save(self, done: int) -> None:
        save_network(self.model, self.run.checkpoint_file(done))
        # The one before stays, in case a full disk or a power cut spoilt the newest.
        for epoch, path in self.run.checkpoints().items():
            if epoch < done - 1 and epoch != self._best():
                path.unlink()
