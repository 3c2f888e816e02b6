"""What any training leaves behind: one folder that holds all of it.

run.json            the command, its settings and files, versions, and when it was started
card.json           the model's card, as it will travel inside the .tflite
checkpoint-N.keras  everything needed to go on after epoch N
history.json        one row an epoch
log.txt             the same for reading, with a time on each line
model.keras         the finished network (float32, averaged weights)
evaluation.json     what `evaluate` found
summary.json        parameters and multiply-adds
report.html         all of it on one page; its pictures also as PNG
int8.json           what `python -m convert` measured
tensorboard/        logs for TensorBoard, if asked for

What a task adds to these stands where it is trained: `train.emotion.run`, `train.detector.run`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from fer_edge.models.detector_card import DETECTION_TASK, FORMER_DETECTION_TASK
from train.errors import RunError
from train.run.files import read_json
from train.run.history import Row, is_row


@dataclass(frozen=True)
class RunFolder:
    """A run's files by what they are for."""

    folder: Path
    """The folder."""
    task: ClassVar[str] = ""
    """What its network is trained for, as `run.json` names it; a task's own class sets it."""
    made_by: ClassVar[str] = ""
    """The command that makes a run of the task, likewise."""

    @property
    def run_file(self) -> Path:
        """The command, its settings and files; it makes the folder a run."""
        return self.folder / "run.json"

    @property
    def card_file(self) -> Path:
        """The card of the network, as it will travel inside the `.tflite`."""
        return self.folder / "card.json"

    @property
    def history_file(self) -> Path:
        """A row for each epoch."""
        return self.folder / "history.json"

    @property
    def log_file(self) -> Path:
        """The same for reading, with times."""
        return self.folder / "log.txt"

    @property
    def model_file(self) -> Path:
        """The finished network in float32."""
        return self.folder / "model.keras"

    @property
    def summary_file(self) -> Path:
        """The network's layers, parameters and multiply-adds."""
        return self.folder / "summary.json"

    @property
    def report_file(self) -> Path:
        """The report of a finished training, for a browser."""
        return self.folder / "report.html"

    @property
    def int8_file(self) -> Path:
        """What conversion measured of the int8 model."""
        return self.folder / "int8.json"

    @property
    def tensorboard_folder(self) -> Path:
        """Logs for TensorBoard."""
        return self.folder / "tensorboard"

    @property
    def evaluation_file(self) -> Path:
        """What `evaluate` measured."""
        return self.folder / "evaluation.json"

    def checkpoint_file(self, epoch: int) -> Path:
        """The state after `epoch` epochs."""
        return self.folder / f"checkpoint-{epoch:04d}.keras"

    def checkpoints(self) -> dict[int, Path]:
        """Epochs done and the files that hold their state."""
        found = (re.fullmatch(r"checkpoint-(\d+)\.keras", f.name) for f in self.folder.glob("*"))
        return {int(match[1]): self.folder / match[0] for match in found if match}

    @property
    def has_results(self) -> bool:
        """Whether anything in it took long to compute."""
        return self.model_file.exists() or bool(self.checkpoints())

    def read_history(self) -> list[Row]:
        """One row an epoch.

        Raises:
            RunError: missing or damaged.
        """
        rows = read_json(self.history_file)
        if not isinstance(rows, list) or not all(map(is_row, rows)):
            raise RunError(f"{self.history_file} has no row for each epoch; it is damaged")
        return rows

    def check_files_are_there(self, paths: Iterable[Path | None]) -> None:
        """Whether what the run was begun with lies where `run.json` says.

        Raises:
            RunError: something was moved.
        """
        for path in paths:
            if path is not None and not path.exists():
                raise RunError(
                    f"{path} is not there any more, which {self.folder} was begun with: move it "
                    f"back, or write where it is now into {self.run_file}, under files"
                )

    def read_facts(self) -> dict[str, Any]:
        """What `run.json` holds.

        Raises:
            RunError: this is no run folder, it is damaged, or a run of another task.
        """
        made_by = self.made_by or "python -m train fit"
        facts = read_json(self.run_file, f"expected a folder made by {made_by}")
        if not isinstance(facts, dict) or not isinstance(facts.get("settings"), dict):
            raise RunError(f"{self.run_file} has no settings; expected what fit wrote there")
        # Older runs call the detector's task otherwise, or name none: only the detector's have
        # sources.
        task = facts.get("task", FORMER_DETECTION_TASK if "sources" in facts else "emotion")
        task = DETECTION_TASK if task == FORMER_DETECTION_TASK else task
        if self.task and task != self.task:
            raise RunError(
                f"{self.folder} is a run of the task {task!r}; expected a folder made by "
                f"{self.made_by}"
            )
        return facts
