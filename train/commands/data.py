"""The arguments that name a dataset, and the dataset that they name."""

from __future__ import annotations

import argparse

from fer_edge.command.parser import named_path
from train.data.faces import SPLITS
from train.data.prepared import Prepared, prepare
from train.data.sources import Votes, read_votes
from train.data.sources.detect import FORMS
from train.emotion.run_files import DEFAULT_CACHE_FOLDER


def add_data(parser: argparse.ArgumentParser, required: bool = True) -> None:
    """--data, --votes, --skip-bad and --cache."""
    parser.add_argument("--data", type=named_path, required=required, help=FORMS)
    parser.add_argument("--votes", type=named_path, help="FER+'s fer2013new.csv")
    parser.add_argument("--skip-bad", action="store_true", help="leave bad rows and pictures out")
    parser.add_argument(
        "--cache", type=named_path, default=DEFAULT_CACHE_FOLDER, help="default: %(default)s"
    )


def add_split(parser: argparse.ArgumentParser, default: str) -> None:
    """--split. Only a command that reports by default may measure on PrivateTest."""
    reports = default == "PrivateTest"
    parser.add_argument(
        "--split",
        type=str if reports else _to_choose_by,
        choices=SPLITS[1:] if reports else SPLITS[1:2],
        default=default,
        help="faces to measure by: PublicTest to choose, PrivateTest to report "
        "(default: %(default)s)"
        if reports
        else "faces to measure by (default: %(default)s)",
    )


def _to_choose_by(split: str) -> str:
    if split == "PrivateTest":
        raise argparse.ArgumentTypeError(
            "only evaluate --final, compare and convert measure on PrivateTest, so that nothing is "
            "chosen by it"
        )
    return split


def read_data(args: argparse.Namespace) -> tuple[Prepared, Votes | None]:
    """The dataset and the votes that the arguments name.

    Raises:
        DatasetError: it cannot be read.
    """
    data = prepare(args.data, args.cache, args.skip_bad)
    return data, read_votes(args.votes) if args.votes else None
