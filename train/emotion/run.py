"""A run of an emotion network: the files of its folder beside those of any run.

- `faces.npz`: the faces that conversion calibrates and compares on
- `teaching/`: the soft targets of its teachers, if it has any
- `fold-K/`: the run of each fold; the folder itself then holds their common figures
- `people/`, `labels/`: the run of each head, if there are two; `model.keras` then has both
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from fer_edge.errors import ModelError
from fer_edge.models.card import ModelCard
from train.emotion.settings import HEADS, Settings
from train.errors import RunError
from train.run.files import read_json
from train.run.folder import RunFolder


@dataclass(frozen=True)
class EmotionRun(RunFolder):
    """A run's files, and what they say."""

    task: ClassVar[str] = "emotion"
    made_by: ClassVar[str] = "python -m train fit"

    @property
    def faces_file(self) -> Path:
        return self.folder / "faces.npz"

    @property
    def soft_targets_folder(self) -> Path:
        return self.folder / "teaching"

    @property
    def has_results(self) -> bool:
        kept = self.soft_targets_folder.glob("view-*.npy")
        folds = self.folder.glob("fold-*/checkpoint-*.keras")
        return super().has_results or any(kept) or any(folds)

    def forget_int8(self) -> None:
        """Remove what conversion measured: it is not true of a network or card that has changed."""
        self.int8_file.unlink(missing_ok=True)

    def fold(self, number: int) -> EmotionRun:
        """The run of one fold, from 1."""
        return EmotionRun(self.folder / f"fold-{number}")

    def head(self, name: str) -> EmotionRun:
        """The run of one head."""
        return EmotionRun(self.folder / name)

    def read_settings(self) -> Settings:
        """The run's settings.

        Raises:
            RunError: this is no run folder, a run of another task, or one of another version.
        """
        return Settings.from_json(self.read_facts()["settings"])

    def check_one_network(self) -> None:
        """Refuse a run of several folds where one network is wanted.

        Raises:
            RunError: it has several.
        """
        data = self.read_settings().data
        if data.folds and not data.fold:
            names = " … ".join(str(self.fold(number).folder) for number in (1, data.folds))
            raise RunError(f"{self.folder} has a network for each fold; name one of {names}")

    def check_one_head(self) -> None:
        """Refuse a run of several folds or of both heads where one answer is wanted.

        Raises:
            RunError: it has several.
        """
        self.check_one_network()
        network = self.read_settings().network
        if network.two_heads and not network.head:
            heads = " and ".join(str(self.head(name).folder) for name in HEADS)
            raise RunError(f"{self.folder} has two heads; name one of {heads}")

    def read_card(self) -> ModelCard:
        """The run's card.

        Raises:
            RunError: this is no run folder, or its card is damaged.
        """
        try:
            return ModelCard.from_json(read_json(self.card_file))
        except ModelError as error:
            raise RunError(f"{self.card_file}: {error}") from error
