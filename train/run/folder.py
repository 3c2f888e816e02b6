"""What a training leaves behind: one folder that holds all of it.

run.json          the command, its settings, versions, and when it was started
card.json         the model's card, as it will travel inside the .tflite
checkpoint-N.keras  everything needed to go on after epoch N
history.json      one row an epoch
log.txt           the same for reading, with a time on each line
model.keras       the finished network (float32, averaged weights)
evaluation.json   what `evaluate` found
summary.json      parameters and multiply-adds
report.html       all of it on one page; its pictures also as PNG
faces.npz         the faces that conversion calibrates and compares on
scenes.npz        a detector's: the scenes that conversion calibrates and compares on
int8.json         what `python -m convert` measured
teaching/         what its teachers said, if it has any
tensorboard/      logs for TensorBoard, if asked for
fold-K/           the run of each fold; then the folder itself holds what they have in common
people/, labels/  the run of each head, where there are two; then model.keras has both
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fer_edge.errors import ModelError
from fer_edge.models.card import ModelCard
from train.emotion.settings import HEADS, Settings
from train.errors import RunError


@dataclass(frozen=True)
class RunFolder:
    """A run's files by what they are for."""

    path: Path
    """The folder."""

    @property
    def settings(self) -> Path:
        return self.path / "run.json"

    @property
    def card(self) -> Path:
        return self.path / "card.json"

    @property
    def history(self) -> Path:
        return self.path / "history.json"

    @property
    def log(self) -> Path:
        return self.path / "log.txt"

    @property
    def model(self) -> Path:
        return self.path / "model.keras"

    @property
    def summary(self) -> Path:
        return self.path / "summary.json"

    @property
    def report(self) -> Path:
        return self.path / "report.html"

    @property
    def int8(self) -> Path:
        return self.path / "int8.json"

    @property
    def tensorboard(self) -> Path:
        return self.path / "tensorboard"

    @property
    def teaching(self) -> Path:
        return self.path / "teaching"

    @property
    def faces(self) -> Path:
        return self.path / "faces.npz"

    @property
    def scenes(self) -> Path:
        return self.path / "scenes.npz"

    @property
    def evaluation(self) -> Path:
        return self.path / "evaluation.json"

    def fold(self, number: int) -> RunFolder:
        """The run of one fold, from 1."""
        return RunFolder(self.path / f"fold-{number}")

    def head(self, name: str) -> RunFolder:
        """The run of one head."""
        return RunFolder(self.path / name)

    def checkpoint(self, epoch: int) -> Path:
        """The state after `epoch` epochs."""
        return self.path / f"checkpoint-{epoch:04d}.keras"

    def checkpoints(self) -> dict[int, Path]:
        """Epochs done and the files that hold their state."""
        found = (re.fullmatch(r"checkpoint-(\d+)\.keras", f.name) for f in self.path.glob("*"))
        return {int(match[1]): self.path / match[0] for match in found if match}

    def read_settings(self) -> Settings:
        """The run's settings.

        Raises:
            RunError: this is no run folder, or one of another version.
        """
        made = read_json(self.settings)
        if not isinstance(made, dict) or not isinstance(made.get("settings"), dict):
            raise RunError(f"{self.settings} has no settings; expected what fit wrote there")
        return Settings.from_json(made["settings"])

    def check_one_head(self) -> None:
        """Refuse a run of both heads where one answer is wanted.

        Raises:
            RunError: it has two.
        """
        settings = self.read_settings()
        if settings.two_heads and not settings.head:
            heads = " and ".join(str(self.head(name).path) for name in HEADS)
            raise RunError(f"{self.path} has two heads; name one of {heads}")

    def read_card(self) -> ModelCard:
        """The run's card.

        Raises:
            RunError: this is no run folder, or its card is damaged.
        """
        try:
            return ModelCard.from_json(read_json(self.card))
        except ModelError as error:
            raise RunError(f"{self.card}: {error}") from error


def read_json(path: Path) -> Any:
    """What a run's JSON file holds.

    Raises:
        RunError: missing or damaged.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RunError(
            f"{path} is missing; expected a folder made by python -m train fit"
        ) from None
    except (OSError, ValueError) as error:
        raise RunError(f"{path} cannot be read: {error}") from error


def write_json(path: Path, data: Any) -> None:
    """Replace a JSON file in one step, so that a kill leaves the old one or the new one."""
    half_written = path.with_suffix(".part")
    half_written.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
    os.replace(half_written, path)
