"""Measure how many answers stay the same when a face's crop or light changes a little."""

from __future__ import annotations

import argparse
from typing import Any

from train.commands.data import add_data, add_split, read_data
from train.commands.robustness import MODEL_HELP
from train.errors import UsageError


def add(commands: Any) -> None:
    """The parser of `steadiness`."""
    parser = commands.add_parser(
        "steadiness",
        help="measure how many of a model's answers stay when a face is cut or lit a little "
        "otherwise",
    )
    parser.add_argument("models", nargs="+", metavar="model", help=MODEL_HELP)
    add_data(parser)
    add_split(parser, default="PublicTest")
    parser.set_defaults(run_command=run)


def run(args: argparse.Namespace) -> None:
    """Print a table of shares: a row for each change, a column for each model."""
    from train.emotion.measuring.reader import find_reader
    from train.emotion.measuring.steadiness import steadiness

    for name in args.models:
        if args.models.count(name) > 1:
            raise UsageError(f"expected each model once, {name} is named more than once")
    # Fails before the dataset is read if a model does not exist.
    readers = {name: find_reader(name) for name in args.models}
    data, _ = read_data(args)
    table = steadiness(readers, data.faces, args.split)
    print(f"share of answers that stay the same, for {args.split}'s faces")
    print(table.to_string(float_format="{:.1%}".format))
