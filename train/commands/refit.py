"""Fit a finished run's last layer anew."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from train.commands.data import add_data, add_truth, read_data, truth_wanted
from train.run_folder import RunFolder


def add(commands: Any) -> None:
    """The parser of `refit`."""
    parser = commands.add_parser("refit", help="fit a finished run's last layer anew")
    parser.add_argument("run", type=Path, help="a folder made by fit")
    add_data(parser)
    add_truth(parser)
    parser.set_defaults(run_command=run)


def run(args: argparse.Namespace) -> None:
    """Fit and measure again."""
    from train.commands.measured import measure_and_tell
    from train.learning.last_layer import refit

    data, votes = read_data(args)
    folder = RunFolder(args.run)
    refit(folder, data.faces, votes, truth_wanted(args))
    measure_and_tell(folder, data.faces, votes)
