"""The arguments that name a dataset, and the dataset that they name."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

from fer_edge.command.parser import named_path
from train.data.faces import SPLITS, Faces
from train.data.prepared import DEFAULT_CACHE_FOLDER, Prepared, prepare
from train.data.sources import Votes, read_votes
from train.data.sources.detect import FORMS
from train.emotion.run import EmotionRun

log = logging.getLogger(__name__)


def add_data(parser: argparse.ArgumentParser, required: bool = True) -> None:
    """--data, --votes, --skip-bad and --cache."""
    parser.add_argument("--data", type=named_path, required=required, help=FORMS)
    parser.add_argument("--votes", type=named_path, help="FER+'s fer2013new.csv")
    parser.add_argument("--skip-bad", action="store_true", help="leave bad rows and pictures out")
    parser.add_argument(
        "--cache", type=named_path, default=DEFAULT_CACHE_FOLDER, help="default: %(default)s"
    )


def add_transfer(parser: argparse.ArgumentParser) -> None:
    """--transfer."""
    parser.add_argument(
        "--transfer",
        type=named_path,
        nargs="*",
        default=[],
        help="other datasets, such as CK+; their test splits are left out",
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
            "only evaluate --final, compare, convert and priors --out measure on PrivateTest, so "
            "that nothing is chosen by it"
        )
    return split


def read_data_of(run: EmotionRun, args: argparse.Namespace) -> tuple[Prepared, Votes | None]:
    """As `read_data`, for a command that fits or measures a run. Other data than those that the run
    learned from are told of.

    Raises:
        RunError: the folder is no run of this version; nothing is read then.
        DatasetError: the data cannot be read.
    """
    run.read_settings()
    learned = run.read_facts().get("data")
    data, votes = read_data(args)
    if learned != data.sha256:
        log.warning("%s did not learn from %s, but from other data", run.folder, data.source)
    return data, votes


def read_transfer(args: argparse.Namespace, path: Path) -> Faces:
    """Another dataset, to measure a model outside its own. A test split is left out, with a word:
    nothing may be chosen by it.

    Raises:
        DatasetError: it cannot be read, or holds only a test split.
    """
    faces = prepare(path, args.cache, args.skip_bad).faces
    is_test = faces.split == SPLITS.index("PrivateTest")
    if is_test.any():
        log.warning("%s: the faces of its test split (%d) are left out", path.name, is_test.sum())
        faces = faces.where(~is_test, f"{path.name} without its test split")
    return faces


def read_data(args: argparse.Namespace) -> tuple[Prepared, Votes | None]:
    """The dataset and the votes that the arguments name.

    Raises:
        DatasetError: it cannot be read.
    """
    data = prepare(args.data, args.cache, args.skip_bad)
    return data, read_votes(args.votes) if args.votes else None
