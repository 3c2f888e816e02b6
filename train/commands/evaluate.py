"""Measure a finished run."""

from __future__ import annotations

import argparse
from typing import Any

from fer_edge.command.parser import named_path
from train.commands.data import add_data, read_data_of
from train.emotion.run import EmotionRun


def add(commands: Any) -> None:
    """The parser of `evaluate`."""
    parser = commands.add_parser("evaluate", help="measure a finished run and write its report")
    parser.add_argument("run", type=named_path, help="a folder made by fit")
    add_data(parser)
    parser.add_argument(
        "--final",
        action="store_true",
        help="measure on PrivateTest too; only when nothing more is to be chosen",
    )
    parser.set_defaults(run_command=run)


def run(args: argparse.Namespace) -> None:
    """Measure and print."""
    from train.commands.measured import measure_and_print

    folder = EmotionRun(args.run)
    data, votes = read_data_of(folder, args)
    measure_and_print(folder, data.faces, votes, final=args.final)
