"""Carry out a recipe."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from fer_edge.command.parser import named_path


def add(commands: Any) -> None:
    """The parser of `make`."""
    parser = commands.add_parser("make", help="make a shipped model, or a row of the results")
    parser.add_argument(
        "recipe", nargs="?", help="its name, or a .toml; without one, the names are listed"
    )
    parser.add_argument(
        "--files",
        type=named_path,
        nargs="+",
        default=[Path("data")],
        metavar="FOLDER",
        help="where the data are looked for (default: data)",
    )
    parser.add_argument(
        "--runs", type=named_path, default=Path("runs"), help="where to (default: %(default)s)"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="show the steps, and their time where it is known"
    )
    parser.set_defaults(run_command=run, needs_keras=False, goes_on_by="; make goes on from there")


def run(args: argparse.Namespace) -> None:
    """Do, or show, the steps."""
    from train.recipes.making import Workplace, check_data, make, plan
    from train.recipes.recipe import names, read_recipe

    if not args.recipe:
        print("\n".join(names()))
        return
    steps, place = read_recipe(args.recipe), Workplace(args.runs, tuple(args.files))
    if args.dry_run:
        print("\n".join(plan(steps, place)))
        check_data(steps, place)
    else:
        make(steps, place)
