"""A command's parser that prints as the rest of the program does: one line for an error."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, NoReturn

from fer_edge.command.output import tell
from fer_edge.errors import ArgumentError
from fer_edge.version import __version__


class Parser(argparse.ArgumentParser):
    """Prints its help as results are printed. argparse itself fails or prints nothing if stdout is
    closed or full."""

    def print_help(self, file: Any = None) -> None:
        tell(self.format_help().rstrip("\n"))

    def error(self, message: str) -> NoReturn:
        """Raise instead of printing the usage, which takes many lines.

        Raises:
            ArgumentError: always.
        """
        raise ArgumentError(f"{message} ({self.prog} --help shows what there is)")


def named_path(text: str) -> Path:
    """The path that a word of the command line names.

    Raises:
        argparse.ArgumentTypeError: it is empty. Python would take that for the current folder.
    """
    if not text:
        raise argparse.ArgumentTypeError("expected a name, got an empty one")
    return Path(text)


class Version(argparse.Action):
    """Prints the version, likewise."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        tell(__version__)
        parser.exit()
