"""Commands that fit a part of a finished run to the truth, and measure the run again."""

from __future__ import annotations

import argparse
import functools
from collections.abc import Callable
from typing import Any

from fer_edge.command.parser import named_path
from train.commands.data import add_data, read_data_of
from train.data.faces import Faces
from train.data.sources import Votes
from train.emotion.run import EmotionRun

Change = Callable[[EmotionRun, Faces, Votes | None, argparse.Namespace], None]
"""Takes the run, all of its dataset, FER+'s votes or none, and the command's arguments."""


def add_change(commands: Any, name: str, what: str, change: Change) -> argparse.ArgumentParser:
    """The parser of such a command, which may get more arguments."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=what)
    parser.add_argument("run", type=named_path, help="a folder made by fit")
    add_data(parser)
    parser.add_argument(
        "--truth",
        choices=("labels", "ferplus"),
        help="the dataset's labels, or FER+'s majority (default: a head's own truth; without heads "
        "FER+'s majority, if there are votes)",
    )
    parser.set_defaults(run_command=functools.partial(_run, change))
    return parser


def _run(change: Change, args: argparse.Namespace) -> None:
    from train.commands.measured import measure_and_print

    folder = EmotionRun(args.run)
    data, votes = read_data_of(folder, args)
    change(folder, data.faces, votes, args)
    measure_and_print(folder, data.faces, votes)
