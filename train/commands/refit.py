"""Fit a finished run's last layers anew."""

from __future__ import annotations

import argparse
from typing import Any

from train.commands.finished import add_change
from train.data.faces import Faces
from train.data.sources import Votes
from train.emotion.run import EmotionRun


def add(commands: Any) -> None:
    """The parser of `refit`."""
    add_change(commands, "refit", "fit a finished run's last layers anew", _refit)


def _refit(run: EmotionRun, faces: Faces, votes: Votes | None, args: argparse.Namespace) -> None:
    from train.emotion.refit import refit

    refit(run, faces, votes, args.truth)
