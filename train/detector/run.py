"""A run of the face detector: what its folder holds beside what any run leaves.

scenes.npz          the scenes that conversion calibrates and compares on
before-refit.keras  the network before `refit`, if there was one
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from fer_edge.models.detector_card import DETECTION_TASK, DetectorCard
from train.detector.settings import DetectorSettings
from train.errors import RunError
from train.run.files import read_json
from train.run.folder import RunFolder


@dataclass(frozen=True)
class DetectorRun(RunFolder):
    """A run's files, and what they say."""

    task: ClassVar[str] = DETECTION_TASK
    made_by: ClassVar[str] = "python -m train detector fit"

    @property
    def scenes_file(self) -> Path:
        """Scenes to calibrate and to compare on, for conversion."""
        return self.folder / "scenes.npz"

    @property
    def before_refit_file(self) -> Path:
        """The network before its landmarks were fitted anew. Trainings go on from this one."""
        return self.folder / "before-refit.keras"

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to do; the scenes are written last."""
        return all(path.exists() for path in (self.model_file, self.card_file, self.scenes_file))

    def read_settings(self) -> DetectorSettings:
        """The run's settings.

        Raises:
            RunError: this is no run folder, a run of another task, or one of another version.
        """
        return DetectorSettings.from_json(self.read_facts()["settings"])

    def read_files(self) -> dict[str, Path]:
        """What `fit` was given, by what it is for.

        Raises:
            RunError: see `read_facts`; or the run is older than 0.2 and does not say it.
        """
        files = self.read_facts().get("files")
        if not isinstance(files, dict) or "data" not in files:
            raise RunError(f"{self.folder} does not say where its data are: it cannot be resumed")
        return {name: Path(str(path)) for name, path in files.items()}

    def read_card(self) -> DetectorCard:
        """The run's card.

        Raises:
            RunError: this is no run folder, or a run of another task.
            ModelError: the card is damaged.
        """
        self.read_facts()
        advice = f"the run is not finished; {self.made_by} --resume {self.folder} goes on"
        return DetectorCard.from_json(read_json(self.card_file, advice))
