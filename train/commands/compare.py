"""Put runs side by side."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from fer_edge.command.parser import named_path
from train.commands.data import add_split
from train.emotion.run import EmotionRun


def add(commands: Any) -> None:
    """The parser of `compare`."""
    parser = commands.add_parser("compare", help="put finished runs side by side")
    parser.add_argument(
        "runs", type=named_path, nargs="+", metavar="RUN", help="folders made by fit"
    )
    parser.add_argument(
        "--out",
        type=named_path,
        default=Path("runs/comparison.md"),
        help="the page to write, its charts beside it (default: %(default)s)",
    )
    add_split(parser, default="PrivateTest")
    parser.set_defaults(run_command=run)


def run(args: argparse.Namespace) -> None:
    """Print the table; write the page."""
    from train.emotion.report.compared_run import compared_run
    from train.emotion.report.comparison import table, write_comparison

    runs = [compared_run(EmotionRun(path), args.split) for path in args.runs]
    print(table(runs).to_string(index=False))
    for file in write_comparison(runs, args.out):
        print(f"wrote {file}")
