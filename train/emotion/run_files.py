"""Paths of a run's data, kept in `run.json`, so that its folder alone is enough to resume it."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from train.data.prepared import DEFAULT_CACHE_FOLDER
from train.errors import RunError


@dataclass(frozen=True)
class RunFiles:
    """What `fit` was given."""

    data_file: Path | None = None
    """The dataset; it may be a folder."""
    votes_file: Path | None = None
    """FER+'s."""
    weights_file: Path | None = None
    """What the network starts from."""
    teacher_folders: tuple[Path, ...] = ()
    """Folders of finished runs."""
    unlabelled_file: Path | None = None
    """Faces without labels."""
    cache_folder: Path = DEFAULT_CACHE_FOLDER
    """For what is read of the dataset."""
    skip_bad: bool = False
    """Whether bad rows and pictures are left out."""

    def to_json(self) -> dict[str, Any]:
        """As `run.json` keeps them: whole paths."""
        return {
            "data": _whole(self.data_file),
            "votes": _whole(self.votes_file),
            "weights": _whole(self.weights_file),
            "teachers": [_whole(path) for path in self.teacher_folders],
            "unlabelled": _whole(self.unlabelled_file),
            "cache": _whole(self.cache_folder),
            "skip_bad": self.skip_bad,
        }

    @classmethod
    def of_run(cls, facts: Mapping[str, Any]) -> RunFiles:
        """Out of `run.json`; of an older run, out of the command in it.

        Raises:
            RunError: it does not say where the dataset is.
        """
        files = facts.get("files") or _of_command(str(facts.get("command", "")))
        if not isinstance(files, Mapping) or not files.get("data"):
            raise RunError("the run does not say where its dataset is: it cannot be resumed")
        try:
            return cls(
                data_file=Path(files["data"]),
                votes_file=_path(files.get("votes")),
                weights_file=_path(files.get("weights")),
                teacher_folders=tuple(Path(one) for one in files.get("teachers") or ()),
                unlabelled_file=_path(files.get("unlabelled")),
                cache_folder=Path(files.get("cache") or DEFAULT_CACHE_FOLDER),
                skip_bad=bool(files.get("skip_bad")),
            )
        except TypeError as error:
            raise RunError(f"the paths in the run's run.json are damaged: {error}") from error


NO_FILES = RunFiles()
"""For a training whose data were given in memory."""


def _whole(path: Path | None) -> str | None:
    return None if path is None else str(path.resolve())


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None


def _of_command(command: str) -> dict[str, Any]:
    parser = argparse.ArgumentParser(exit_on_error=False, allow_abbrev=False, add_help=False)
    for name in ("--data", "--votes", "--weights", "--cache"):
        parser.add_argument(name)
    parser.add_argument("--teachers", nargs="+")
    parser.add_argument("--skip-bad", action="store_true")
    try:
        found, _ = parser.parse_known_args(shlex.split(command))
    except (ValueError, argparse.ArgumentError) as error:
        raise RunError(f"the run's command cannot be read: {error}") from error
    return vars(found)
