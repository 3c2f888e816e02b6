"""Put runs side by side."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fer_edge.command.parser import named_path
from train.commands.data import add_split
from train.emotion.run import EmotionRun
from train.errors import UsageError


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

    runs = [
        dataclasses.replace(compared_run(EmotionRun(path), args.split), name=name)
        for path, name in zip(args.runs, distinct_names(args.runs), strict=True)
    ]
    print(table(runs).to_string(index=False))
    for file in write_comparison(runs, args.out):
        print(f"wrote {file}")


def distinct_names(folders: Sequence[Path]) -> list[str]:
    """What tells folders apart: their names, with as many folders above them as it takes.

    Raises:
        UsageError: one is named more than once.
    """
    whole = [folder.resolve() for folder in folders]
    for folder, place in zip(folders, whole, strict=True):
        if whole.count(place) > 1:
            raise UsageError(f"expected each run once, {folder} is named more than once")
    for depth in range(1, max(len(place.parts) for place in whole) + 1):
        names = ["/".join(place.parts[-depth:]) for place in whole]
        if len(set(names)) == len(names):
            break
    return names
