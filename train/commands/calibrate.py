"""Fit a finished run's probabilities."""

from __future__ import annotations

import argparse
from typing import Any

from train.commands.finished import add_change
from train.commands.numbers import share
from train.data.faces import Faces
from train.data.sources import Votes
from train.emotion.run import EmotionRun


def add(commands: Any) -> None:
    """The parser of `calibrate`."""
    parser = add_change(commands, "calibrate", "fit a finished run's probabilities", _calibrate)
    parser.add_argument(
        "--power",
        type=share,
        metavar="SHARE",
        help="of the correction by priors, from 0 to 1 (default: the one with the highest macro "
        "recall for half a point of accuracy at most, among those with steady answers, if any)",
    )


def _calibrate(
    run: EmotionRun, faces: Faces, votes: Votes | None, args: argparse.Namespace
) -> None:
    from train.emotion.measuring.calibration import calibrate

    calibrate(run, faces, votes, args.truth, args.power)
