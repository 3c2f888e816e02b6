"""Fit a finished run's probabilities."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from train.commands.data import add_data, add_truth, read_data, truth_wanted
from train.run_folder import RunFolder


def add(commands: Any) -> None:
    """The parser of `calibrate`."""
    parser = commands.add_parser("calibrate", help="fit a finished run's probabilities")
    parser.add_argument("run", type=Path, help="a folder made by fit")
    add_data(parser)
    add_truth(parser)
    parser.set_defaults(run_command=run)


def run(args: argparse.Namespace) -> None:
    """Calibrate and measure again."""
    from train.commands.measured import measure_and_tell
    from train.measuring.calibration import calibrate

    data, votes = read_data(args)
    folder = RunFolder(args.run)
    calibrate(folder, data.faces, votes, truth_wanted(args))
    measure_and_tell(folder, data.faces, votes)
