"""Fit a finished run's probabilities."""

from __future__ import annotations

from typing import Any

from train.commands.finished import add_change
from train.data.faces import Faces
from train.data.sources import Votes
from train.emotion.run import EmotionRun


def add(commands: Any) -> None:
    """The parser of `calibrate`."""
    add_change(commands, "calibrate", "fit a finished run's probabilities", _calibrate)


def _calibrate(run: EmotionRun, faces: Faces, votes: Votes | None, truth: str | None) -> None:
    from train.emotion.measuring.calibration import calibrate

    calibrate(run, faces, votes, truth)
