"""The options that choose settings: some have one of their own, `--set` has all."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from train.data.hashes import hash_of
from train.data.prepared import DEFAULT_CACHE_FOLDER
from train.errors import RunError, UsageError
from train.run.setting import fields_of, parsed

COMMON_SETTINGS = ("epochs", "batch", "seed", "precision")
"""Settings of the group `training` that have an option of their own."""


def add_settings(parser: argparse.ArgumentParser, settings: Any) -> None:
    """An option for each of COMMON_SETTINGS, and --set.

    Args:
        parser: gets them.
        settings: a dataclass of groups, which says what they are.
    """
    known = dict(fields_of(settings))
    for name in COMMON_SETTINGS:
        field = known[f"training.{name}"]
        choices = ", ".join(field.metadata["choices"])
        what = f"{field.metadata['help']}: {choices}" if choices else field.metadata["help"]
        default: Any = field.default
        parser.add_argument(f"--{name}", type=type(default), help=what)
    parser.add_argument(
        "--set",
        nargs="+",
        action="extend",
        default=[],
        metavar="GROUP.NAME=VALUE",
        help="any other setting; --set help shows all",
    )


def given_options(args: argparse.Namespace) -> list[str]:
    """Those of COMMON_SETTINGS that were given."""
    return [name for name in COMMON_SETTINGS if getattr(args, name) is not None]


def refuse_beside_resume(args: argparse.Namespace, names: Sequence[str]) -> None:
    """Args:
        args: of the command line.
        names: of the options that only a new run takes, besides those that all trainings have.

    Raises:
        UsageError: one of them was given.
    """
    given = [name for name in names if getattr(args, name) not in (None, False)]
    given += [*given_options(args), *args.set]
    if args.cache != DEFAULT_CACHE_FOLDER:
        given.append("cache")
    if given:
        raise UsageError(
            f"--resume needs nothing else, got {', '.join(given)}: a run goes on with what it was "
            "begun with"
        )


def chosen_settings(args: argparse.Namespace, settings: Any) -> dict[str, Any]:
    """What was given, by `group.name`.

    Raises:
        UsageError: no such setting, a value of another kind, or one that was given twice.
    """
    chosen = parsed(args.set, settings)
    for name in given_options(args):
        if f"training.{name}" in chosen:
            raise UsageError(f"--{name} and --set training.{name} say the same: give one of them")
        chosen[f"training.{name}"] = getattr(args, name)
    return chosen


def hash_of_weights(file: Path) -> str:
    """What the setting `network.weights` keeps of a file.

    Raises:
        RunError: there is no such file.
    """
    if not file.is_file():
        raise RunError(f"{file} does not exist; expected the file of a network's weights")
    return hash_of(file)


@contextmanager
def of_the_command_line() -> Iterator[None]:
    """What is wrong with settings that were made inside is wrong on the command line.

    Raises:
        UsageError: a value outside its limits, or two that exclude each other.
    """
    try:
        yield
    except RunError as error:
        raise UsageError(str(error)) from None
